"""Input lines, which `encode`, `rank` and `tokenize` read in the same way."""

from __future__ import annotations

import json
import re

import pytest

from harness.command import Outcome, json_lines

COMMANDS = ["encode", "rank", "tokenize"]

IDS = [
    "a",
    "",
    'quote " and \\ and \U0001f9ec',
    0,
    -7,
    1.5,
    12345.0,
    9007199254740993,
    10**40,
    True,
    None,
    [1, "a", []],
    {"k": {"n": None}},
]

BAD_LINES = {
    "no JSON": b"title: a",
    "a cut object": b'{"text": "a"',
    "something after the object": b'{"text": "a"} x',
    "an array": b'["a"]',
    "a string": b'"a"',
    "neither title nor text": b'{"id": 1}',
    "abstract and text": b'{"abstract": "a", "text": "b"}',
    "a title that is a number": b'{"title": 3}',
    "a text that is null": b'{"text": null}',
    "an abstract that is a list": b'{"title": "a", "abstract": ["b"]}',
    "bytes that are not UTF-8": b'{"text": "a\xff"}',
    "a trailing comma": b'{"text": "a",}',
    "a number with a zero in front": b'{"id": 01, "text": "a"}',
    "an array that does not end": b'{"x": ' + b"[" * 10_000,
}


@pytest.fixture(params=COMMANDS)
def read(request, command, tiny_expert):
    """Runs a command with input lines."""
    words = {
        "encode": ["--task", "search"],
        "rank": ["--task", "search", "--query", "q", "--candidates", "-"],
        "tokenize": [],
    }[request.param]

    def run(stdin: str | bytes, *further: str) -> Outcome:
        return command(request.param, "--model", tiny_expert, *words, *further, stdin=stdin)

    return run


def by_id(outcome: Outcome) -> dict[str, dict]:
    """Returns output lines without their index, by the JSON of their id."""
    lines = outcome.succeed().json_lines()
    return {
        json.dumps(line["id"]): {key: line[key] for key in line if key not in ("id", "index")}
        for line in lines
    }


def test_ids_of_any_type_come_back(read):
    outcome = read(json_lines({"id": identifier, "text": "cells"} for identifier in IDS))
    got = [line["id"] for line in outcome.succeed().json_lines()]
    assert got == IDS
    assert [type(identifier) for identifier in got] == [type(identifier) for identifier in IDS]


def test_missing_id_is_null(read):
    (line,) = read('{"text": "cells"}\n').succeed().json_lines()
    assert line["id"] is None


def test_missing_and_null_abstract_are_empty_ones(read):
    rows = [
        {"id": "missing", "title": "cells"},
        {"id": "null", "title": "cells", "abstract": None},
        {"id": "empty", "title": "cells", "abstract": ""},
        {"id": "other", "title": "cells", "abstract": "and genes"},
    ]
    lines = by_id(read(json_lines(rows)))
    assert lines['"missing"'] == lines['"null"'] == lines['"empty"']
    assert lines['"other"'] != lines['"empty"']


def test_blank_strings_are_documents(read):
    rows = [{"text": ""}, {"text": "  "}, {"title": ""}, {"title": " ", "abstract": "\t"}]
    assert len(read(json_lines(rows)).succeed().json_lines()) == 4


def test_other_keys_are_ignored(read):
    row = {"year": 2017, "text": "cells", "authors": ["a"], "meta": {"title": "x"}}
    assert len(read(json_lines([row])).succeed().json_lines()) == 1


def test_last_line_may_lack_its_newline_and_lines_may_end_in_crlf(read):
    assert len(read('{"text": "a"}\r\n{"text": "b"}').succeed().json_lines()) == 2


def test_escapes_are_read(read):
    escaped = '{"id": "x", "text": "caf\\u00e9 \\ud83e\\uddec \\"q\\""}\n'
    plain = json_lines([{"id": "x", "text": 'café \U0001f9ec "q"'}])
    assert by_id(read(escaped)) == by_id(read(plain))


@pytest.mark.parametrize("bad", BAD_LINES)
def test_bad_line_names_file_line_and_reason(read, bad):
    outcome = read(b'{"text": "a"}\n{"text": "b"}\n' + BAD_LINES[bad] + b'\n{"text": "c"}\n')
    assert outcome.code == 1
    (line,) = outcome.stderr.splitlines()
    assert re.search(r"\b3\b", line)
    assert re.search("stdin|standard input|-:", line)


@pytest.mark.parametrize("bad", BAD_LINES)
def test_skipped_bad_lines_are_counted(read, bad):
    good, wrong = b'{"text": "a"}\n', BAD_LINES[bad] + b"\n"
    outcome = read(good + wrong + good + wrong, "--skip-bad-lines").succeed()
    assert len(outcome.json_lines()) == 2
    assert re.search(r"\b2\b", outcome.stderr)


def test_bad_line_of_a_file_names_the_file(command, tiny_expert, tmp_path):
    source = tmp_path / "papers.jsonl"
    source.write_text('{"text": "a"}\n{"abstract": "a", "text": "b"}\n')
    for words in (
        ["encode", "--task", "search", "--input", source],
        ["rank", "--task", "search", "--query", "q", "--candidates", source],
        ["tokenize", "--input", source],
    ):
        outcome = command(words[0], "--model", tiny_expert, *words[1:])
        assert outcome.code == 1
        (line,) = outcome.stderr.splitlines()
        assert str(source) in line
        assert re.search(r"\b2\b", line)
        assert '"abstract" and "text" are both given' in line


def test_what_other_datasets_have_is_read(read):
    beir = {"_id": "MED-10", "title": "cells", "text": "and genes", "metadata": {}}
    paper = {"id": "MED-10", "title": "cells", "abstract": "and genes"}
    assert by_id(read(json_lines([beir]))) == by_id(read(json_lines([paper])))
    query = {"_id": "Q1", "title": "", "text": "cells"}
    text = {"docid": "Q1", "text": "cells", "title": None}
    assert by_id(read(json_lines([query]))) == by_id(read(json_lines([text])))


def test_what_no_text_has_is_replaced_or_dropped(read):
    odd = '\ufeff{"id": "x", "text": "cells\\ud835 and\\u0000 genes"}\n\n \t\n'
    plain = '{"id": "x", "text": "cells\ufffd and genes"}\n'
    assert by_id(read(odd)) == by_id(read(plain))


def test_utf_16_is_named(read):
    line = read('{"text": "a"}\n'.encode("utf-16"), "--skip-bad-lines").fail_in_one_line(1)
    assert "UTF-16; save it as UTF-8" in line


def test_file_that_is_not_there(command, tiny_expert, tmp_path):
    absent = tmp_path / "absent.jsonl"
    for words in (
        ["encode", "--task", "search", "--input", absent],
        ["rank", "--task", "search", "--query", "q", "--candidates", absent],
        ["tokenize", "--input", absent],
    ):
        line = command(words[0], "--model", tiny_expert, *words[1:]).fail_in_one_line(1)
        assert str(absent) in line
