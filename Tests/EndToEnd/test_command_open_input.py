"""An input that stays open: results are written while more input is awaited."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.command import CLIENT, json_lines

HANG_SECONDS = 30


def texts(count: int, begin: int = 0) -> str:
    return json_lines(
        {"id": number, "text": f"cells of kind {number}"} for number in range(begin, begin + count)
    )


@contextmanager
def running(*words: str | Path) -> Iterator[subprocess.Popen[str]]:
    """Runs a command whose input stays open; kills it if it hangs."""
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        guard = threading.Timer(HANG_SECONDS, process.kill)
        guard.start()
        yield process
        guard.cancel()


COMMANDS = [["encode", "--task", "search"], ["tokenize"]]


@pytest.mark.parametrize("count", [1, 3, 512, 603, 1203])
@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_rows_come_while_the_input_is_open(scimult, tiny_expert, words, count):
    with running(scimult, words[0], "--model", tiny_expert, *words[1:]) as process:
        for begin in (0, count):
            process.stdin.write(texts(count, begin))
            process.stdin.flush()
            rows = [json.loads(process.stdout.readline()) for _ in range(count)]
            assert [row["id"] for row in rows] == list(range(begin, begin + count))
        process.stdin.close()
        assert process.wait(HANG_SECONDS) == 0
        assert process.stdout.read() == ""


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_half_a_line_waits_for_its_end(scimult, tiny_expert, words):
    with running(scimult, words[0], "--model", tiny_expert, *words[1:]) as process:
        process.stdin.write(texts(1) + '{"id": 1, "te')
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["id"] == 0
        process.stdin.write('xt": "cells"}\n')
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["id"] == 1
        process.stdin.close()


@pytest.mark.parametrize("count", [1, 3, 40, 300])
def test_rows_of_the_client_come_while_the_input_is_open(server, count):
    with running(CLIENT, "encode", "--server", server.grpc, "--task", "search") as process:
        for begin in (0, count, 2 * count):
            process.stdin.write(texts(count, begin))
            process.stdin.flush()
            rows = [json.loads(process.stdout.readline()) for _ in range(count)]
            assert [row["id"] for row in rows] == list(range(begin, begin + count))
        process.stdin.write("broken\n")
        process.stdin.flush()
        assert process.wait(HANG_SECONDS) == 1
        assert f"line {3 * count + 1}: not valid JSON" in process.stderr.read()


@pytest.mark.parametrize("program", ["scimult", "scimult-client"])
def test_rows_of_a_table_come_while_the_input_is_open(scimult, tiny_expert, server, program):
    words = {
        "scimult": [scimult, "encode", "--model", tiny_expert],
        "scimult-client": [CLIENT, "encode", "--server", server.grpc],
    }[program]
    with running(*words, "--task", "search", "--input-format", "csv") as process:
        for part, ids in (
            ("id,text\n1,a\n", "1"),
            ('2,"b, c"\n3,"d', "2"),
            ('"\n4,"e ""f"""\n', "34"),
        ):
            process.stdin.write(part)
            process.stdin.flush()
            assert [json.loads(process.stdout.readline())["id"] for _ in ids] == [*ids]
        process.stdin.write('5,g\n6,"h \\"i\\""\n')
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["id"] == "5"
        process.stdin.close()
        assert json.loads(process.stdout.readline())["id"] == "6"
        assert process.wait(HANG_SECONDS) == 0


def test_file_grows_while_the_input_is_open(scimult, tiny_expert, tmp_path):
    output = tmp_path / "vectors.jsonl"
    with running(
        *(scimult, "encode", "--model", tiny_expert, "--task", "search", "--output", output)
    ) as process:
        process.stdin.write(texts(3))
        process.stdin.flush()
        partial = tmp_path / f"vectors.jsonl.{process.pid}.partial"
        while not partial.exists() or partial.read_text().count("\n") < 3:
            assert process.poll() is None
        process.stdin.close()
        assert process.wait(HANG_SECONDS) == 0
    assert len(output.read_text().splitlines()) == 3


def test_bad_line_does_not_wait_for_the_next(scimult, tiny_expert):
    with running(scimult, "encode", "--model", tiny_expert, "--task", "search") as process:
        process.stdin.write(texts(2))
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["id"] == 0
        process.stdin.write("broken\n")
        process.stdin.flush()
        assert process.wait(HANG_SECONDS) == 1
        assert "line 3" in process.stderr.read()


def test_queries_and_candidates_of_one_writer(scimult, tiny_expert, tmp_path):
    """If one writer writes all queries before the candidates, they are read in that order."""
    queries, candidates = tmp_path / "queries", tmp_path / "candidates"
    for path in (queries, candidates):
        os.mkfifo(path)
    with running(
        *(scimult, "rank", "--model", tiny_expert, "--task", "search", "--top-k", "1"),
        *("--queries", queries, "--candidates", candidates),
    ) as process:

        def write() -> None:
            queries.write_text(texts(3_000))
            candidates.write_text(texts(2))

        writer = threading.Thread(target=write, daemon=True)
        writer.start()
        output, errors = process.communicate(timeout=HANG_SECONDS)
    assert errors == ""
    assert [json.loads(line)["query"] for line in output.splitlines()] == list(range(3_000))


def test_one_pipe_for_both_is_refused(scimult, tiny_expert):
    with running(
        *(scimult, "rank", "--model", tiny_expert, "--task", "search"),
        *("--queries", "/dev/stdin", "--candidates", "-"),
    ) as process:
        _, errors = process.communicate(texts(3), timeout=HANG_SECONDS)
    assert process.returncode == 2
    assert "--queries and --candidates are one pipe" in errors
