"""Signals that end a command: unfinished files are removed, and the signal ends the process."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.command import json_lines

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
MANY = json_lines({"id": number, "text": f"cells and {number} genes"} for number in range(30_000))
HANG_SECONDS = 30


def wait_for(condition) -> None:
    deadline = time.monotonic() + HANG_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@contextmanager
def encoding(
    scimult: Path, model: Path, output: Path, *options: str | Path, launcher=()
) -> Iterator[subprocess.Popen[bytes]]:
    """Starts a run that has begun to write; without a file it waits for more input."""
    with subprocess.Popen(
        [
            *(*launcher, scimult, "encode", "--model", model, "--task", "search"),
            *("--output", output, *options),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        process.stdin.write(b'{"text": "cells"}\n')
        process.stdin.flush()
        wait_for(lambda: any(output.parent.glob("*.partial")))
        yield process
        process.kill()


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("suffix", ["npy", "jsonl"])
def test_run_that_waits_leaves_nothing(scimult, tiny_expert, tmp_path, number, suffix):
    for _ in range(2):
        with encoding(scimult, tiny_expert, tmp_path / f"vectors.{suffix}") as process:
            process.send_signal(number)
            assert process.wait(HANG_SECONDS) == -number
            assert process.stderr.read() == b""
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", SIGNALS)
def test_run_that_encodes_leaves_nothing(scimult, tiny_expert, tmp_path, number):
    folder = tmp_path / "out"
    folder.mkdir()
    source = tmp_path / "many.jsonl"
    source.write_text(MANY)
    output = folder / "vectors.npy"
    with encoding(scimult, tiny_expert, output, "--input", source) as process:
        process.send_signal(number)
        assert process.wait(HANG_SECONDS) == -number
    assert list(folder.iterdir()) == []


def test_older_output_stays(scimult, tiny_expert, tmp_path):
    output = tmp_path / "vectors.npy"
    output.write_text("old")
    with encoding(scimult, tiny_expert, output) as process:
        process.send_signal(signal.SIGTERM)
        process.wait(HANG_SECONDS)
    assert output.read_text() == "old"
    assert list(tmp_path.iterdir()) == [output]


def test_ignored_signal_stays_ignored(scimult, tiny_expert, tmp_path):
    output = tmp_path / "vectors.jsonl"
    with encoding(scimult, tiny_expert, output, launcher=["nohup"]) as process:
        process.send_signal(signal.SIGHUP)
        process.stdin.close()
        assert process.wait(HANG_SECONDS) == 0
    assert len(output.read_text().splitlines()) == 1


def test_convert_leaves_nothing_or_a_whole_file(command, scimult, tiny_expert, tmp_path):
    output = tmp_path / "model.scimult"
    command("convert", tiny_expert, "-o", output).succeed()
    whole = output.read_bytes()
    output.unlink()
    for number in range(30):
        with subprocess.Popen([scimult, "convert", tiny_expert, "-o", output]) as process:
            time.sleep(0.002 * number)
            process.send_signal(SIGNALS[number % len(SIGNALS)])
            process.wait(HANG_SECONDS)
        left = list(tmp_path.iterdir())
        assert left in ([], [output])
        if left:
            assert output.read_bytes() == whole
            output.unlink()


def test_resumable_run_keeps_what_is_done(command, scimult, tiny_expert, tmp_path):
    source, output = tmp_path / "many.jsonl", tmp_path / "vectors.jsonl"
    source.write_text(MANY)
    options = ("--input", source, "--resume")
    with encoding(scimult, tiny_expert, output, *options) as process:
        wait_for(lambda: (tmp_path / "vectors.jsonl.progress").exists())
        process.send_signal(signal.SIGTERM)
        process.wait(HANG_SECONDS)
    assert (tmp_path / "vectors.jsonl.partial").exists()
    command(
        *("encode", "--model", tiny_expert, "--task", "search", "--output", output, *options)
    ).succeed()
    assert len(output.read_text().splitlines()) == 30_000


def test_killed_run_leaves_a_file_for_the_next_to_remove(command, scimult, tiny_expert, tmp_path):
    output = tmp_path / "vectors.npy"
    with encoding(scimult, tiny_expert, output) as process:
        process.kill()
    (left,) = tmp_path.iterdir()
    assert left.name == f"vectors.npy.{process.pid}.partial"
    kept = [
        # Of a running process, of another output, and of no process.
        tmp_path / f"vectors.npy.{os.getpid()}.partial",
        tmp_path / f"other.npy.{process.pid}.partial",
        tmp_path / "vectors.npy.old.partial",
    ]
    for file in kept:
        file.touch()
    command(
        *("encode", "--model", tiny_expert, "--task", "search", "--output", output),
        stdin='{"text": "cells"}\n',
    ).succeed()
    assert {*tmp_path.iterdir()} == {output, *kept}


def test_file_that_another_process_writes_stays(command, scimult, tiny_expert, tmp_path):
    output = tmp_path / "vectors.npy"
    with encoding(scimult, tiny_expert, output) as process:
        process.kill()
    (left,) = tmp_path.iterdir()
    with left.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        command(
            *("encode", "--model", tiny_expert, "--task", "search", "--output", output),
            stdin='{"text": "cells"}\n',
        ).succeed()
    assert {*tmp_path.iterdir()} == {output, left}
