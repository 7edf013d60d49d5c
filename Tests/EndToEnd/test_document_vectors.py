"""The commands read the files of Tests/Documents as every other reader does."""

from __future__ import annotations

import json

import pytest

from document_vectors import Vector, vectors


@pytest.fixture
def tokenize(command, tiny_expert, tmp_path):
    """Runs `scimult tokenize` on a vector's file."""

    def run(vector: Vector):
        source = vector.write(tmp_path)
        return source, command("tokenize", "--model", tiny_expert, "--input", source, *vector.words)

    return run


@pytest.mark.parametrize("vector", vectors(), ids=str)
def test_vector(tokenize, vector):
    source, outcome = tokenize(vector)
    if vector.error:
        complaint = outcome.stderr
        assert outcome.code == 1
        assert complaint.count("\n") == 1
        place = f": line {vector.error['line']}: " if "line" in vector.error else ": "
        assert f"{source}{place}" in complaint
        assert vector.error["reason"] in complaint
        return
    outcome.succeed()
    lines = outcome.stdout.split("\n")[:-1]
    rows = vector.rows
    assert len(lines) == len(rows)
    for line, row in zip(lines, rows, strict=True):
        if "id_text" in row:
            assert line.startswith(f'{{"id": {row["id_text"]}, "ids": ')
        else:
            assert json.loads(line)["id"] == row["id"]
    if skipped := vector.skipped:
        noun = "line" if len(skipped) == 1 else "lines"
        numbers = ", ".join(map(str, skipped))
        assert (
            outcome.stderr == f"scimult: {source}: {len(skipped)} bad {noun} skipped: {numbers}\n"
        )
    else:
        assert not outcome.stderr


def test_texts_are_those_of_the_vectors(tokenize, command, tiny_expert, tmp_path):
    """Every document of every vector has the tokens of its title and abstract, or of its text."""
    read, rows = [], []
    for vector in vectors():
        if not vector.error:
            _, outcome = tokenize(vector)
            read += [line.partition('"ids": ')[2] for line in outcome.stdout.split("\n")[:-1]]
            rows += vector.rows
    source = tmp_path / "all.jsonl"
    keys = ("title", "abstract", "text")
    source.write_text(
        "".join(json.dumps({key: row[key] for key in keys if key in row}) + "\n" for row in rows)
    )
    outcome = command("tokenize", "--model", tiny_expert, "--input", source).succeed()
    assert read == [line.partition('"ids": ')[2] for line in outcome.stdout.split("\n")[:-1]]


def test_more_than_twenty_skipped_lines(command, tiny_expert):
    outcome = command(
        *("tokenize", "--model", tiny_expert, "--skip-bad-lines"), stdin="no\n" * 30
    ).succeed()
    numbers = ", ".join(map(str, range(1, 21)))
    assert outcome.stderr == f"scimult: standard input: 30 bad lines skipped: {numbers}, …\n"


@pytest.mark.parametrize(
    "words",
    [
        ["--csv-delimiter", "pipe"],
        ["--csv-quotes", "single"],
        ["--input-format", "xml"],
        ["--input-format", "jsonl", "--csv-delimiter", "tab"],
        ["--input-format", "jsonl", "--csv-quotes", "doubled"],
        ["--csv-delimiter", "tab"],
    ],
)
def test_wrong_options(command, tiny_expert, words):
    outcome = command("tokenize", "--model", tiny_expert, *words, stdin="")
    assert outcome.code == 2
    assert words[-2] in outcome.stderr
