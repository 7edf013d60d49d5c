"""`scimult tokenize`: the tokens that the model reads."""

from __future__ import annotations

import pytest

from harness.command import json_lines
from harness.texts import long_text


def test_ids_of_the_reference(command, tiny_expert, expected):
    outcome = command(
        "tokenize", "--model", tiny_expert, stdin=json_lines(row.line for row in expected)
    ).succeed()
    lines = outcome.json_lines()
    assert all(list(line) == ["id", "ids", "truncated"] for line in lines)
    assert [line["ids"] for line in lines] == [row.input_ids for row in expected]
    assert [(line["id"], line["truncated"]) for line in lines] == [(None, False)] * len(expected)


def test_file(command, tiny_expert, tmp_path):
    source = tmp_path / "texts.jsonl"
    source.write_text('{"id": "a", "text": "cells"}\n')
    outcome = command("tokenize", "--model", tiny_expert, "--input", source).succeed()
    assert outcome.json_lines() == [{"id": "a", "ids": [101, 4442, 102], "truncated": False}]


def test_special_tokens_in_a_text(command, tiny_expert):
    texts = ["[SEP]", "[PAD] a", "[MASK]", "[CLS]", "[UNK]"]
    outcome = command(
        "tokenize", "--model", tiny_expert, stdin=json_lines({"text": text} for text in texts)
    ).succeed()
    assert [line["ids"] for line in outcome.json_lines()] == [
        [101, 102, 102],
        [101, 0, 1037, 102],
        [101, 103, 102],
        [101, 101, 102],
        [101, 100, 102],
    ]


@pytest.mark.parametrize(("tokens", "truncated"), [(512, False), (513, True), (5000, True)])
def test_truncation_keeps_the_final_separator(command, tiny_expert, tokens, truncated):
    outcome = command(
        "tokenize", "--model", tiny_expert, stdin=json_lines([{"text": long_text(tokens)}])
    ).succeed()
    (line,) = outcome.json_lines()
    assert line["ids"] == [101, *[1037] * 510, 102]
    assert line["truncated"] is truncated
