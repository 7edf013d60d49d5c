"""`scimult encode`: a file of documents to vectors, in the input's order."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from harness.command import json_lines
from harness.texts import TASKS, long_text

VALUE_ERROR_MAX = 5e-5


@pytest.fixture(params=TASKS)
def task_rows(request, expected):
    return request.param, [row for row in expected if row.task == request.param]


def test_stdin_to_stdout(command, tiny_expert, task_rows):
    task, rows = task_rows
    outcome = command(
        *("encode", "--model", tiny_expert, "--task", task, "--precision", "fp32"),
        stdin=json_lines(row.line for row in rows),
    ).succeed()
    lines = outcome.json_lines()
    assert len(lines) == len(rows)
    for line, row in zip(lines, rows, strict=True):
        assert list(line) == ["id", "embedding", "tokens", "truncated"]
        np.testing.assert_allclose(line["embedding"], row.embedding, rtol=0, atol=VALUE_ERROR_MAX)
        assert (line["id"], line["tokens"]) == (None, len(row.input_ids))
        assert line["truncated"] is False
    assert outcome.stderr == ""


def test_explicit_dashes(command, tiny_expert):
    outcome = command(
        *("encode", "--model", tiny_expert, "--task", "search", "--input", "-", "--output", "-"),
        stdin='{"text": "cells"}\n',
    ).succeed()
    assert len(outcome.json_lines()) == 1


@pytest.mark.parametrize("name", ["vectors.npy", "vectors.jsonl"])
def test_file_to_file(command, tiny_expert, expected, tmp_path, name):
    rows = [row for row in expected if row.task == "search"]
    source, result = tmp_path / "papers.jsonl", tmp_path / name
    source.write_text(json_lines(row.line for row in rows))
    outcome = command(
        *("encode", "--model", tiny_expert, "--task", "search", "--precision", "fp32"),
        *("--input", source, "--output", result),
    ).succeed()
    assert outcome.stdout == ""
    if result.suffix == ".npy":
        vectors = np.load(result)
    else:
        vectors = [json.loads(line)["embedding"] for line in result.read_text().splitlines()]
    np.testing.assert_allclose(
        vectors, [row.embedding for row in rows], rtol=0, atol=VALUE_ERROR_MAX
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["papers.jsonl", name])


def test_npy_is_little_endian_float32_in_c_order(command, tiny_expert, tmp_path):
    result = tmp_path / "vectors.npy"
    command(
        *("encode", "--model", tiny_expert, "--task", "search", "--output", result),
        stdin='{"text": "cells"}\n' * 3,
    ).succeed()
    with result.open("rb") as file:
        assert np.lib.format.read_magic(file) == (1, 0)
        assert np.lib.format.read_array_header_1_0(file) == ((3, 64), False, np.dtype("<f4"))
        assert file.tell() % 64 == 0
    np.testing.assert_array_equal(np.load(result)[0], np.load(result)[2])


def test_npy_and_jsonl_hold_the_same_floats(command, tiny_expert, tmp_path):
    texts = json_lines({"text": f"cells and {number} genes"} for number in range(10))
    for name in ("a.npy", "a.jsonl"):
        command(
            *("encode", "--model", tiny_expert, "--task", "search", "--output", tmp_path / name),
            stdin=texts,
        ).succeed()
    lines = (tmp_path / "a.jsonl").read_text().splitlines()
    read_back = np.array([json.loads(line)["embedding"] for line in lines], np.float32)
    np.testing.assert_array_equal(read_back, np.load(tmp_path / "a.npy"))


def test_numbers_are_the_shortest_that_read_back(command, tiny_expert):
    outcome = command(
        *("encode", "--model", tiny_expert, "--task", "search"),
        stdin=json_lines({"text": f"cells and {number} genes"} for number in range(20)),
    ).succeed()
    for line in outcome.stdout.splitlines():
        for written in json.loads(line, parse_float=str)["embedding"]:
            assert digits(written) == digits(repr(float(str(np.float32(written)))))


def digits(number: str) -> int:
    """Returns the number of significant decimal digits."""
    mantissa = re.sub(r"[eE].*", "", number).lstrip("-").replace(".", "").strip("0")
    return len(mantissa)


def test_roles(command, golden_variants):
    def embedding(*role: str) -> list[float]:
        outcome = command(
            *("encode", "--model", golden_variants / "separate-encoders", "--task", "search"),
            *role,
            stdin='{"text": "ferns"}\n',
        ).succeed()
        return outcome.json_lines()[0]["embedding"]

    query = embedding()
    assert embedding("--role", "query") == pytest.approx(query, abs=1e-5)
    assert embedding("--role", "candidate") != pytest.approx(query, abs=1e-3)


def test_long_text_is_marked(command, tiny_expert):
    outcome = command(
        *("encode", "--model", tiny_expert, "--task", "search"),
        stdin=json_lines([{"text": long_text(512)}, {"text": long_text(513)}]),
    ).succeed()
    assert [(line["tokens"], line["truncated"]) for line in outcome.json_lines()] == [
        (512, False),
        (512, True),
    ]


@pytest.mark.parametrize("threads", ["1", "2"])
def test_many_lines_keep_their_order(command, tiny_expert, tmp_path, threads):
    texts = [{"id": number, "text": "cells " * (number * 7 % 90)} for number in range(3000)]
    outcome = command(
        *("encode", "--model", tiny_expert, "--task", "search", "--threads", threads),
        stdin=json_lines(texts),
    ).succeed()
    lines = outcome.json_lines()
    assert [line["id"] for line in lines] == list(range(3000))
    assert [line["tokens"] for line in lines] == [2 + number * 7 % 90 for number in range(3000)]


@pytest.mark.parametrize("suffix", ["npy", "jsonl"])
def test_no_lines_give_no_vectors(command, tiny_expert, tmp_path, suffix):
    result = tmp_path / f"vectors.{suffix}"
    command(*("encode", "--model", tiny_expert, "--task", "search", "--output", result)).succeed()
    if suffix == "npy":
        assert np.load(result).shape == (0, 64)
    else:
        assert result.read_text() == ""
