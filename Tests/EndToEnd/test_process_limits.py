"""Limits of processes and memory that are too low for a command: one line, and no hanging."""

from __future__ import annotations

import pytest

from harness import control_group
from harness.calls import get_model

MIB = 1 << 20

#: A limit, as an option of prlimit(1), and its name in the message.
TOO_SMALL = [
    *((f"--data={mib * MIB}", "ulimit -d") for mib in (12, 16, 20, 48)),
    (f"--as={195 * MIB}", "ulimit -v"),
]


def launcher(limit: str) -> list[str]:
    return ["prlimit", limit]


@pytest.fixture
def commands(tiny_expert, tmp_path):
    """Commands that use several threads."""
    documents = tmp_path / "documents.jsonl"
    documents.write_text('{"text": "cells"}\n')
    model = ["--model", tiny_expert, "--threads", "8"]
    search = ["--task", "search"]
    return {
        "serve": ["serve", *model, "--listen", "127.0.0.1:0", "--admin", "off"],
        "encode": ["encode", *model, *search, "--input", documents],
        "rank": ["rank", *model, *search, "--query", "cells", "--candidates", documents],
    }


@pytest.mark.parametrize(("limit", "name"), TOO_SMALL)
@pytest.mark.parametrize("command_name", ["serve", "encode", "rank"])
def test_too_little_memory(command, commands, command_name, limit, name):
    line = command(*commands[command_name], launcher=launcher(limit)).fail_in_one_line(1)
    assert line.startswith("scimult: ")
    assert f"{name} is " in line
    assert "raise" in line


@pytest.mark.parametrize("processes", [2, 4, 8])
def test_too_few_processes_of_a_user(command, commands, other_user, processes):
    """Root has no such limit."""
    limited = [*other_user, *launcher(f"--nproc={processes}")]
    line = command(*commands["serve"], launcher=limited).fail_in_one_line(1)
    assert f"ulimit -u is {processes}" in line
    assert "threads are needed" in line


def test_too_few_threads_of_a_control_group(command, commands):
    try:
        with control_group.real(tasks=10) as joined:
            line = command(*commands["serve"], launcher=joined).fail_in_one_line(1)
    except control_group.NoControlGroup as reason:
        pytest.skip(str(reason))
    assert "pids.max is 10" in line
    assert "threads are needed" in line


def test_defaults_give_way_to_a_limit_on_addresses(start_server):
    server = start_server("--log-format", "json", launcher=launcher(f"--as={1 << 30}"))
    with server.channel() as channel:
        assert get_model(channel).name == "tiny-expert"
    assert '"max-connections":"4096"' not in server.stderr


def test_what_is_given_and_cannot_fit_is_refused(command, commands):
    options = ["--max-receive-bytes", f"{1 << 40}"]
    line = command(*commands["serve"], *options, launcher=launcher(f"--as={4 << 30}"))
    assert "ulimit -v leaves it" in line.fail_in_one_line(1)


@pytest.mark.parametrize("limit", [f"--data={10 * MIB}", f"--data={14 * MIB}"])
@pytest.mark.parametrize("name", ["tokenize", "inspect", "convert"])
def test_too_little_memory_for_other_commands(command, tiny_expert, tmp_path, name, limit):
    arguments = {
        "tokenize": ["--model", tiny_expert],
        "inspect": [tiny_expert],
        "convert": [tiny_expert, "-o", tmp_path / "x.scimult"],
    }
    line = command(name, *arguments[name], launcher=launcher(limit)).fail_in_one_line(1)
    assert line.startswith("scimult: ")
    assert "ulimit -d is " in line
    assert list(tmp_path.iterdir()) == []


def test_other_commands_take_what_they_need(command, tiny_expert):
    limit = launcher(f"--data={20 * MIB}")
    command("tokenize", "--model", tiny_expert, stdin='{"text": "a"}\n', launcher=limit).succeed()
