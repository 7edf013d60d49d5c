"""Output: complete files or none, silence on broken pipes, progress only on a terminal."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
from pathlib import Path

import pytest

from harness.command import json_lines

MANY = json_lines({"id": number, "text": f"cells and {number} genes"} for number in range(5000))


@pytest.mark.parametrize("suffix", ["npy", "jsonl"])
def test_failure_leaves_no_file(command, tiny_expert, tmp_path, suffix):
    result = tmp_path / f"vectors.{suffix}"
    outcome = command(
        *("encode", "--model", tiny_expert, "--task", "search", "--output", result),
        stdin=MANY + "broken\n",
    )
    outcome.fail_in_one_line(1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", ["npy", "jsonl"])
def test_failure_leaves_the_old_file(command, tiny_expert, tmp_path, suffix):
    result = tmp_path / f"vectors.{suffix}"
    result.write_text("old")
    outcome = command(
        *("encode", "--model", tiny_expert, "--task", "search", "--output", result),
        stdin=MANY + "broken\n",
    )
    outcome.fail_in_one_line(1)
    assert result.read_text() == "old"
    assert list(tmp_path.iterdir()) == [result]


def test_success_replaces_the_old_file(command, tiny_expert, tmp_path):
    result = tmp_path / "vectors.jsonl"
    result.write_text("old")
    command(
        *("encode", "--model", tiny_expert, "--task", "search", "--output", result),
        stdin='{"text": "cells"}\n',
    ).succeed()
    assert "embedding" in result.read_text()
    assert list(tmp_path.iterdir()) == [result]


def test_new_file_has_the_permissions_of_any_other(command, tiny_expert, tmp_path):
    result, other = tmp_path / "vectors.jsonl", tmp_path / "other"
    command(
        *("encode", "--model", tiny_expert, "--task", "search", "--output", result),
        stdin='{"text": "cells"}\n',
    ).succeed()
    other.touch()
    assert result.stat().st_mode == other.stat().st_mode


def test_output_into_a_folder_that_is_not_there(command, tiny_expert, tmp_path):
    result = tmp_path / "absent" / "vectors.npy"
    line = command(
        *("encode", "--model", tiny_expert, "--task", "search", "--output", result),
        stdin='{"text": "cells"}\n',
    ).fail_in_one_line(1)
    assert str(result) in line or str(result.parent) in line


@pytest.mark.parametrize(
    "words",
    [
        ["encode", "--task", "search"],
        ["rank", "--task", "search", "--query", "q", "--candidates", "-"],
        ["tokenize"],
    ],
    ids=["encode", "rank", "tokenize"],
)
def test_closed_pipe_ends_quietly(scimult, tiny_expert, tmp_path, words):
    source = tmp_path / "many.jsonl"
    source.write_text(MANY)
    with (
        source.open() as stdin,
        subprocess.Popen(
            [scimult, words[0], "--model", tiny_expert, *words[1:]],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process,
    ):
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode in (0, -signal.SIGPIPE, 128 + signal.SIGPIPE)


def read_terminal(descriptor: int) -> str:
    """Returns all output to a terminal until its other side was closed."""
    shown = b""
    while True:
        try:
            part = os.read(descriptor, 1 << 16)
        except OSError:
            return shown.decode()
        if not part:
            return shown.decode()
        shown += part


def test_progress_shows_on_a_terminal(scimult, tiny_expert, tmp_path):
    source, result = tmp_path / "many.jsonl", tmp_path / "vectors.npy"
    source.write_text(MANY)
    reader, terminal = pty.openpty()
    with subprocess.Popen(
        [
            *(scimult, "encode", "--model", tiny_expert, "--task", "search"),
            *("--input", source, "--output", result),
        ],
        stdout=subprocess.PIPE,
        stderr=terminal,
    ) as process:
        os.close(terminal)
        shown = read_terminal(reader)
        assert process.stdout.read() == b""
    os.close(reader)
    assert process.returncode == 0
    assert "\r" in shown
    assert "/s" in shown


def test_interrupted_run_leaves_no_file(scimult, tiny_expert, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    with subprocess.Popen(
        [
            *(scimult, "encode", "--model", tiny_expert, "--task", "search"),
            *("--output", folder / "vectors.npy"),
        ],
        stdin=subprocess.PIPE,
    ) as process:
        process.stdin.write(MANY.encode())
        process.stdin.flush()
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        assert process.returncode != 0
        assert not (folder / "vectors.npy").exists()


def test_stdout_that_is_full(scimult, tiny_expert):
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    with full.open("w") as stdout:
        ended = subprocess.run(
            [scimult, "encode", "--model", tiny_expert, "--task", "search"],
            input=MANY.encode(),
            stdout=stdout,
            stderr=subprocess.PIPE,
            timeout=30,
            check=False,
        )
    assert ended.returncode == 1
    assert len(ended.stderr.decode().splitlines()) == 1
