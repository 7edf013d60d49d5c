"""Common behaviour of all commands: help, version, invalid command lines."""

from __future__ import annotations

import re

import pytest

COMMANDS = ["serve", "encode", "rank", "tokenize", "inspect", "convert", "bench"]

NEEDED = {
    "serve": [],
    "encode": ["--task", "search"],
    "rank": ["--task", "search", "--query", "q", "--candidates", "-"],
    "tokenize": [],
    "bench": [],
}


def test_version(command):
    outcome = command("--version").succeed()
    assert re.fullmatch(r"(scimult )?\d+\.\d+\.\d+\S*\n", outcome.stdout)
    assert outcome.stderr == ""


@pytest.mark.parametrize("words", [["--help"], ["help"], ["-h"]])
def test_help_lists_the_commands(command, words):
    outcome = command(*words).succeed()
    for name in COMMANDS:
        assert re.search(rf"^  {name}\b", outcome.stdout, re.MULTILINE)
    assert outcome.stderr == ""


@pytest.mark.parametrize("name", [name for name in NEEDED if name != "tokenize"])
def test_a_model_without_a_name_is_told(command, name):
    error = command(name, "--model", "", *NEEDED[name]).fail(2)
    assert "--model is empty" in error


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_has_examples(command, name):
    shown = command(*([name] if name else []), "--help").succeed().stdout
    assert "Examples:" in shown
    assert f"scimult {name}".rstrip() + " " in shown


@pytest.mark.parametrize("name", NEEDED)
def test_unknown_option(command, tiny_expert, name):
    words = [name, "--model", tiny_expert, *NEEDED[name]]
    assert "--frobnicate" in command(*words, "--frobnicate").fail(2)


def test_unknown_command(command):
    assert "frobnicate" in command("frobnicate").fail(2)


@pytest.mark.parametrize("name", ["evaluate"])
def test_command_of_a_later_release_does_not_exist(command, name):
    assert name in command(name, "MODEL").fail(2)


@pytest.mark.parametrize("name", NEEDED)
def test_model_is_needed(command, name):
    assert "model" in command(name, *NEEDED[name]).fail(2)


def test_inspect_needs_a_model(command):
    assert "model" in command("inspect").fail(2)


@pytest.mark.parametrize("name", ["encode", "rank"])
def test_task_is_needed(command, tiny_expert, name):
    words = [word for word in NEEDED[name] if word not in ("--task", "search")]
    assert "task" in command(name, "--model", tiny_expert, *words).fail(2)


@pytest.mark.parametrize(
    "words",
    [
        ["encode", "--task", ""],
        ["encode", "--task", "Search"],
        ["encode", "--task", "search", "--role", "reader"],
        ["encode", "--task", "search", "--precision", "fp64"],
        ["encode", "--task", "search", "--threads", "0"],
        ["encode", "--task", "search", "--output", "vectors.csv"],
        ["rank", "--task", "search", "--query", "q", "--candidates", "-", "--top-k", "x"],
        ["rank", "--task", "search", "--query", "q", "--candidates", "-", "--top-k=-1"],
        ["rank", "--task", "search", "--candidates", "-"],
        ["rank", "--task", "search", "--query", "q"],
    ],
    ids=" ".join,
)
def test_wrong_use(command, tiny_expert, words):
    command(words[0], "--model", tiny_expert, *words[1:], stdin='{"text": "a"}\n').fail(2)


@pytest.mark.parametrize("name", NEEDED)
def test_model_that_is_not_there(command, tmp_path, name):
    absent = tmp_path / "absent"
    outcome = command(name, "--model", absent, *NEEDED[name])
    assert str(absent) in outcome.fail_in_one_line(1)


@pytest.mark.parametrize("task", ["link_prediction", "link-prediction"])
def test_task_with_underscore_or_hyphen(command, tiny_expert, expected, task):
    row = next(row for row in expected if row.task == "link_prediction")
    outcome = command(
        "encode", "--model", tiny_expert, "--task", task, stdin='{"text": "cells"}\n'
    ).succeed()
    (line,) = outcome.json_lines()
    assert len(line["embedding"]) == len(row.embedding)
