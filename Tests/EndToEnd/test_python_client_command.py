"""`scimult-client` with input files, a real server, and output files."""

from __future__ import annotations

import csv
import gzip
import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from harness.certificates import Authority, tls_options
from harness.command import CLIENT, Command, Outcome, json_lines
from harness.poison import WORD, poison
from scimult import Client

PAPERS = Path(__file__).resolve().parents[2] / "examples/papers.jsonl"

Run = Callable[..., Outcome]


@pytest.fixture(scope="module")
def papers():
    return [json.loads(line) for line in PAPERS.read_text().splitlines()]


@pytest.fixture(scope="module")
def run() -> Run:
    return Command(CLIENT)


@pytest.fixture
def encode(run, server) -> Run:
    def encode(*words, **options):
        return run("encode", "--server", server.grpc, "--task", "search", *words, **options)

    return encode


@pytest.fixture(scope="module")
def vectors(server, papers):
    with Client(server.grpc) as client:
        return client.encode(papers, task="search")


class TestEncode:
    def test_json_lines_from_stdin_to_stdout(self, encode, papers, vectors):
        lines = encode(stdin=PAPERS.read_bytes()).succeed().json_lines()
        assert [line["id"] for line in lines] == [paper["id"] for paper in papers]
        assert list(lines[0]) == ["id", "embedding", "tokens", "truncated"]
        got = np.array([line["embedding"] for line in lines], np.float32)
        np.testing.assert_allclose(got, vectors, rtol=0, atol=1e-5)

    def test_numbers_are_the_shortest_that_read_back(self, encode):
        line = encode(stdin='{"text": "cells"}').succeed().stdout
        numbers = line.partition("[")[2].partition("]")[0].split(", ")
        assert [str(np.float32(number)) for number in numbers] == numbers

    @pytest.mark.parametrize("form", ["jsonl", "jsonl.gz", "csv", "csv.gz"])
    def test_forms_of_input(self, encode, papers, vectors, tmp_path, form):
        source, result = tmp_path / f"papers.{form}", tmp_path / "vectors.npy"
        if form.startswith("csv"):
            plain = tmp_path / "plain"
            with plain.open("w", newline="") as file:
                rows = csv.DictWriter(file, ["id", "title", "abstract"], extrasaction="ignore")
                rows.writeheader()
                rows.writerows(papers)
            content = plain.read_bytes()
        else:
            content = PAPERS.read_bytes()
        source.write_bytes(gzip.compress(content) if form.endswith("gz") else content)
        assert encode(source, result).succeed().stdout == ""
        array = np.load(result)
        assert (array.dtype.str, array.flags.c_contiguous) == ("<f4", True)
        np.testing.assert_allclose(array, vectors, rtol=0, atol=1e-5)

    @pytest.mark.parametrize("count", [0, 1, 12_345])
    def test_any_number_of_documents(self, encode, tmp_path, count):
        result = tmp_path / "vectors.npy"
        lines = json_lines({"text": f"text {number % 50}"} for number in range(count))
        encode("-", result, stdin=lines).succeed()
        assert np.load(result).shape == (count, 64)

    def test_ids_of_any_type_come_back(self, encode):
        ids = ['"a"', '""', "0", "-7", "12345.0", "1e400", "9" * 40, "true", "null", '[1, {"k":2}]']
        lines = "".join(f'{{"id": {identifier}, "text": "cells"}}\n' for identifier in ids)
        written = encode(stdin=lines).succeed().stdout.splitlines()
        assert [line.partition(', "embedding"')[0] for line in written] == [
            f'{{"id": {identifier}' for identifier in ids
        ]

    def test_settings_travel(self, encode, papers, server):
        words = ("--role", "candidate", "--normalize", "--transfer", "float16")
        lines = encode(*words, stdin=PAPERS.read_bytes()).succeed().json_lines()
        with Client(server.grpc) as client:
            expected = client.encode(
                papers, task="search", role="candidate", normalize=True, format="float16"
            )
        got = np.array([line["embedding"] for line in lines], np.float32)
        np.testing.assert_allclose(got, expected, rtol=0, atol=1e-3)

    def test_several_servers(self, run, start_server):
        servers = [start_server() for _ in range(2)]
        words = [word for server in servers for word in ("--server", server.grpc)]
        servers[0].stop()
        outcome = run("encode", *words, "--task", "search", stdin=PAPERS.read_bytes())
        assert len(outcome.succeed().json_lines()) == len(PAPERS.read_text().splitlines())


BAD_LINES = {
    "no JSON": (b"title: a", "not valid JSON at byte 0: Expecting value"),
    "an array": (b'["a"]', "a JSON array; write one object a line"),
    "neither": (b'{"id": 1}', 'neither "title" nor "text" is given'),
    "both": (b'{"abstract": "b", "text": "b"}', '"abstract" and "text" are both given'),
    "a number": (b'{"title": 3}', '"title" must be a text'),
    "null": (b'{"text": null}', 'neither "title" nor "text" is given'),
    "no UTF-8": (b'{"text": "a\xff"}', "not UTF-8 at byte 11"),
    "a trailing comma": (b'{"text": "a",}', "not valid JSON at byte 13"),
    "too deep": (b'{"text": "a", "x": ' + b"[" * 200_000, "nested more than 512 levels deep"),
}


class TestBadLines:
    @pytest.mark.parametrize("bad", BAD_LINES)
    def test_they_name_file_line_and_reason(self, encode, tmp_path, bad):
        source, result = tmp_path / "papers.jsonl", tmp_path / "vectors.npy"
        content, reason = BAD_LINES[bad]
        source.write_bytes(b'{"text": "a"}\n{"text": "b"}\n' + content + b'\n{"text": "c"}\n')
        line = encode(source, result).fail_in_one_line(1)
        assert line.startswith(f"scimult-client: {source}: line 3: ")
        assert reason in line
        assert list(tmp_path.iterdir()) == [source]

    @pytest.mark.parametrize("bad", BAD_LINES)
    def test_they_may_be_skipped_and_are_counted(self, encode, bad):
        good, wrong = b'{"text": "a"}\n', BAD_LINES[bad][0] + b"\n"
        outcome = encode("--skip-bad-lines", stdin=good + wrong + good + wrong).succeed()
        assert len(outcome.json_lines()) == 2
        assert outcome.stderr == "scimult-client: standard input: 2 bad lines skipped: 2, 4\n"

    def test_which_lines_were_skipped_is_told(self, encode, tmp_path):
        source, result = tmp_path / "papers.jsonl", tmp_path / "vectors.npy"
        source.write_text('{"text": "a"}\n' + "no\n" * 25 + '{"text": "b"}\n')
        outcome = encode("--skip-bad-lines", source, result).succeed()
        numbers = ", ".join(map(str, range(2, 22)))
        told = f"scimult-client: {source}: 25 bad lines skipped: {numbers}, …\n"
        assert outcome.stderr == told
        assert np.load(result).shape == (2, 64)

    def test_long_texts_where_they_are_not_to_be_cut(self, encode):
        long = json_lines([{"text": "cells"}, {"text": "long " * 600}])
        assert encode(stdin=long).succeed().json_lines()[1]["truncated"] is True
        outcome = encode("--reject-truncation", stdin=long)
        assert outcome.code == 1
        assert outcome.stderr.startswith("scimult-client: standard input: line 2: ")
        assert len(outcome.json_lines()) == 1

    def test_rows_of_csv(self, encode, tmp_path):
        source = tmp_path / "papers.csv"
        source.write_bytes(b'id,title\n1,"two\nlines"\n2\n3,caf\xe9\n4,fine\n')
        assert f"{source}: line 4: 1 fields, where the header has 2" in encode(source).stderr
        lines = encode("--skip-bad-lines", source).succeed().json_lines()
        assert [line["id"] for line in lines] == ["1", "4"]

    def test_csv_without_a_heading(self, encode, tmp_path):
        source = tmp_path / "papers.csv"
        source.write_text("1,Attention\n")
        assert 'line 1: the header has no column "title"' in encode(source).fail_in_one_line(1)

    @pytest.mark.parametrize(
        "harm",
        [lambda packed: packed[:-100], lambda packed: packed[:100] + bytes(100) + packed[200:]],
        ids=["cut", "overwritten"],
    )
    def test_a_packed_file_that_is_broken(self, encode, tmp_path, harm):
        source = tmp_path / "papers.jsonl.gz"
        source.write_bytes(harm(gzip.compress(PAPERS.read_bytes())))
        outcome = encode(source, tmp_path / "vectors.npy")
        assert "the compressed file" in outcome.fail_in_one_line(1)


@pytest.fixture
def poisoned(start_server, golden_variants, tmp_path):
    """A server of a model that cannot encode a certain word."""
    model = poison(golden_variants / "bert-safetensors", tmp_path / "model")
    return start_server("--precision", "int8", model=model)


class TestDocumentsThatCannotBeEncoded:
    LINES = json_lines({"id": n, "text": f"cells {n}"} for n in range(60)).replace(
        "cells 41", f"slopes of {WORD}"
    )

    def words(self, poisoned, command, *words):
        return (command, "--server", poisoned.grpc, "--task", "search", *words)

    def test_the_first_ends_the_command_and_is_named(self, run, poisoned, tmp_path):
        source = tmp_path / "papers.jsonl"
        source.write_text(self.LINES)
        outcome = run(*self.words(poisoned, "encode", source))
        assert outcome.code == 1
        (line,) = outcome.stderr.splitlines()
        assert line.startswith(f"scimult-client: {source}: line 42: ")
        assert [line["id"] for line in outcome.json_lines()] == list(range(41))

    def test_they_may_be_skipped(self, run, poisoned):
        words = self.words(poisoned, "encode", "--skip-bad-lines")
        outcome = run(*words, stdin=self.LINES + "no\n").succeed()
        assert [line["id"] for line in outcome.json_lines()] == [
            number for number in range(60) if number != 41
        ]
        told = "scimult-client: standard input: 2 bad lines skipped: 42, 61\n"
        assert outcome.stderr == told

    def test_a_candidate_is_named_or_skipped(self, run, poisoned):
        words = self.words(poisoned, "rank", "--query", "cells")
        line = run(*words, stdin=self.LINES).fail_in_one_line(1)
        assert line.startswith("scimult-client: standard input: line 42: ")
        outcome = run(*words, "--skip-bad-lines", stdin=self.LINES).succeed()
        ranked = {line["index"] for line in outcome.json_lines()}
        assert ranked == {number for number in range(60) if number != 41}
        assert outcome.stderr.endswith("1 bad line skipped: 42\n")

    def test_a_query_is_blamed_itself(self, run, poisoned):
        words = self.words(poisoned, "rank", "--query", WORD, "--skip-bad-lines")
        line = run(*words, stdin='{"text": "cells"}\n').fail_in_one_line(1)
        assert line.startswith("scimult-client: --query: ")


class TestRankAndModel:
    def test_rank(self, run, server, papers):
        words = ("--server", server.grpc, "--task", "search", "--query", "machine translation")
        lines = run("rank", *words, PAPERS, "--top-k", "5").succeed().json_lines()
        with Client(server.grpc) as client:
            expected = client.rank("machine translation", papers, task="search", top_k=5)
        assert [line["index"] for line in lines] == [result.index for result in expected]
        assert [line["id"] for line in lines] == [result.id for result in expected]
        assert list(lines[0]) == ["index", "id", "score"]
        scores = [line["score"] for line in lines]
        np.testing.assert_allclose(scores, [result.score for result in expected], rtol=1e-4)

    def test_model(self, run, server):
        described = run("model", "--server", server.grpc, "--json").succeed().json_lines()[0]
        assert described["name"] == "tiny-expert"
        assert "tiny-expert" in run("model", "--server", server.grpc).succeed().stdout


class TestConnection:
    def test_no_server_says_what_to_do(self, run):
        outcome = run("model", "--server", "127.0.0.1:1", "--retries", "0")
        line = outcome.fail_in_one_line(1)
        assert "127.0.0.1:1" in line
        assert "--server" in line

    def test_tls_and_tokens(self, run, start_server, tmp_path):
        authority = Authority(tmp_path)
        tokens, token = tmp_path / "tokens", tmp_path / "token"
        tokens.write_text("first\n")
        token.write_text("first\n")
        server = start_server(
            "--auth-token-file", tokens, *tls_options(authority.issue("server"), authority)
        )
        own = authority.issue("client")
        words = ["model", "--json", "--server", f"localhost:{server.port}"]
        words += ["--tls-ca", authority.file, "--tls-cert", own.certificate, "--tls-key", own.key]
        assert run(*words, "--token-file", token).succeed().json_lines()[0]["dimensions"] == 64
        assert "--token-file" in run(*words).fail_in_one_line(1)
        token.write_text("an-unknown-secret")
        assert "an-unknown-secret" not in run(*words, "--token-file", token).fail_in_one_line(1)

    def test_files_that_are_not_there_are_named(self, run, encode, tmp_path):
        absent = tmp_path / "absent"
        assert str(absent) in run("model", "--token-file", absent).fail_in_one_line(1)
        assert str(absent) in run("model", "--tls-ca", absent).fail_in_one_line(1)
        assert str(absent) in encode(absent.with_suffix(".jsonl")).fail_in_one_line(1)
        assert str(absent) in encode(PAPERS, absent / "vectors.npy").fail_in_one_line(1)


class TestUse:
    def test_parquet_without_pyarrow_says_what_to_install(self, server):
        """Uses python -c, because pyarrow may be installed here."""
        program = (
            "import sys; sys.modules['pyarrow'] = None; from scimult.command.main import main; "
            f"sys.exit(main(['encode', '--server', '{server.grpc}', '--task', 'search', "
            "'-', 'vectors.parquet']))"
        )
        ended = subprocess.run(
            [sys.executable, "-c", program],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert ended.returncode == 2
        assert "pip install 'scimult[parquet]'" in ended.stderr

    @pytest.mark.parametrize(
        "words",
        [
            [],
            ["decode"],
            ["encode"],
            ["encode", "--task", ""],
            ["encode", "--task", "search", "--csv-delimiter", "|"],
            ["encode", "--task", "search", "--csv-quotes", "single"],
            ["encode", "--task", "search", "--input-format", "xml"],
            ["encode", "--task", "search", "--csv-quotes", "doubled"],
            ["encode", "--task", "search", "-", "vectors.txt"],
            ["encode", "--task", "search", "--concurrency", "0"],
            ["model", "--server", "127.0.0.1:1", "--server", "unix:/s"],
            ["model", "--tls-cert", "F"],
            ["model", "--server", "http://127.0.0.1:1"],
            ["model", "--server", "127.0.0.1"],
            ["model", "--timeout", "nan"],
            ["rank", "--task", "search"],
        ],
        ids=" ".join,
    )
    def test_wrong_use_is_2(self, run, words):
        run(*words).fail(2)

    @pytest.mark.parametrize("words", [["encode"], ["rank"], ["model"], []])
    def test_help(self, run, words):
        shown = run(*words, "--help").succeed().stdout
        assert "scimult-client" in shown

    def test_version(self, run):
        assert run("--version").succeed().stdout.startswith("scimult-client 0.")


class TestOutput:
    def test_failure_leaves_the_old_file(self, encode, tmp_path):
        result = tmp_path / "vectors.jsonl"
        result.write_text("old")
        encode("-", result, stdin='{"text": "a"}\nbroken\n').fail_in_one_line(1)
        assert result.read_text() == "old"
        assert list(tmp_path.iterdir()) == [result]

    def test_the_input_is_not_overwritten(self, encode, tmp_path):
        source, link = tmp_path / "papers.jsonl", tmp_path / "link.jsonl"
        source.write_text('{"text": "a"}\n')
        link.symlink_to(source)
        for output in (source, link):
            assert "is the input, too" in encode(source, output).fail_in_one_line(2)
        assert source.read_text() == '{"text": "a"}\n'

    @pytest.mark.parametrize("leads", [True, False])
    def test_a_link_stays_one(self, encode, tmp_path, leads):
        target, link = tmp_path / "target.jsonl", tmp_path / "link.jsonl"
        link.symlink_to(target)
        if leads:
            target.write_text("old")
        encode("-", link, stdin='{"text": "a"}').succeed()
        assert link.is_symlink()
        assert len(target.read_text().splitlines()) == 1

    def test_what_is_no_file_is_not_replaced(self, encode, tmp_path):
        pipe = tmp_path / "pipe.jsonl"
        os.mkfifo(pipe)
        assert "is no file" in encode("-", pipe, stdin='{"text": "a"}').fail_in_one_line(2)
        assert pipe.is_fifo()

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
    def test_interruption_leaves_no_file(self, server, tmp_path, number):
        if signal.getsignal(number) is signal.SIG_IGN:
            pytest.skip("the signal is ignored here, and so by whom this starts")
        with subprocess.Popen(
            [CLIENT, "encode", "--server", server.grpc, "--task=search", "-", tmp_path / "v.npy"],
            stdin=subprocess.PIPE,
        ) as process:
            for _ in range(1000):
                process.stdin.write(b'{"text": "a"}\n')
            process.stdin.flush()
            end = time.monotonic() + 30
            while not list(tmp_path.iterdir()):
                assert process.poll() is None
                assert time.monotonic() < end
            process.send_signal(number)
            try:
                assert process.wait(30) == 128 + number
            finally:
                process.kill()
        assert list(tmp_path.iterdir()) == []

    def test_closed_pipe_ends_quietly(self, server, tmp_path):
        source = tmp_path / "many.jsonl"
        source.write_text(json_lines({"text": f"text {number}"} for number in range(5000)))
        with subprocess.Popen(
            [CLIENT, "encode", "--server", server.grpc, "--task", "search", source],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            assert process.stdout.readline()
            process.stdout.close()
            assert process.stderr.read() == b""
        assert process.returncode == 0

    def test_stdout_that_is_full(self, server):
        full = Path("/dev/full")
        if not full.exists():
            pytest.skip("this system has no /dev/full")
        with full.open("w") as stdout:
            ended = subprocess.run(
                [CLIENT, "encode", "--server", server.grpc, "--task", "search", PAPERS],
                stdout=stdout,
                stderr=subprocess.PIPE,
                timeout=30,
                check=False,
            )
        assert ended.returncode == 1
        assert len(ended.stderr.decode().splitlines()) == 1

    def test_progress_shows_on_a_terminal(self, server, tmp_path):
        reader, terminal = pty.openpty()
        with subprocess.Popen(
            [
                *(CLIENT, "encode", "--server", server.grpc, "--task", "search"),
                *(PAPERS, tmp_path / "vectors.npy"),
            ],
            stderr=terminal,
        ) as process:
            os.close(terminal)
            shown = b""
            while True:
                try:
                    part = os.read(reader, 1 << 16)
                except OSError:
                    break
                shown += part
        os.close(reader)
        assert process.returncode == 0
        assert f"{len(PAPERS.read_text().splitlines())} documents in " in shown.decode()
        assert "/s" in shown.decode()
