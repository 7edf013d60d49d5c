"""Both commands and the library read a file in the same way, with the same reasons for errors."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import numpy as np
import pytest

from document_vectors import vectors
from harness.command import CLIENT, Command, Outcome
from scimult import Client


@pytest.fixture(scope="module")
def library(server) -> Iterator[Client]:
    with Client(server.grpc) as client:
        yield client


@pytest.fixture(scope="module")
def client() -> Command:
    return Command(CLIENT)


def lines(outcome: Outcome) -> list[str]:
    """Only a line feed ends a line."""
    return outcome.stdout.split("\n")[:-1]


def identifier(line: str) -> object:
    """Returns an id with its exact digits; whitespace in an object is ignored."""
    return in_digits(re.match(r'\{"id": (.*), "(?:embedding|ids)": \[', line)[1])


def in_digits(text: str) -> object:
    return json.loads(text, parse_int=str, parse_float=str)


def expected_identifier(row: dict) -> object:
    return in_digits(row["id_text"] if "id_text" in row else json.dumps(row["id"]))


def embeddings(outcome: Outcome) -> np.ndarray:
    return np.array([json.loads(line)["embedding"] for line in lines(outcome)], np.float32)


def complaint(outcome: Outcome, program: str) -> str:
    """Returns the error about the file, without the JSON parser's own message."""
    assert outcome.stderr.startswith(f"{program}: ")
    assert outcome.stderr.count("\n") == 1
    said = outcome.stderr.removeprefix(f"{program}: ")
    return re.sub("(?<=not valid JSON) at byte .*", "", said)


@pytest.mark.parametrize("vector", vectors(), ids=str)
def test_vector(command, client, library, server, tiny_expert, tmp_path, vector):
    source = vector.write(tmp_path)
    model = ("--model", tiny_expert, *vector.words, "--input", source)
    tokenized = command("tokenize", *model)
    encoded = command("encode", "--task", "search", "--precision", "fp32", *model)
    served = client("encode", "--server", server.grpc, "--task", "search", *vector.words, source)
    outcomes = (tokenized, encoded, served)
    assert {outcome.code for outcome in outcomes} == {1 if vector.error else 0}
    ids = [[identifier(line) for line in lines(outcome)] for outcome in outcomes]
    assert ids[0] == ids[1] == ids[2]
    np.testing.assert_allclose(embeddings(encoded), embeddings(served), rtol=0, atol=1e-5)
    if vector.error:
        reasons = {
            complaint(tokenized, "scimult"),
            complaint(encoded, "scimult"),
            complaint(served, "scimult-client"),
        }
        assert len(reasons) == 1
        place = f"line {vector.error['line']}: " if "line" in vector.error else ""
        assert reasons.pop().startswith(f"{source}: {place}")
        return
    assert ids[0] == [expected_identifier(row) for row in vector.rows]
    contents = [{key: row[key] for key in row if not key.startswith("id")} for row in vector.rows]
    if contents:
        expected = library.encode(contents, task="search")
        np.testing.assert_allclose(embeddings(served), expected, rtol=0, atol=1e-5)
    if vector.skipped:
        assert complaint(encoded, "scimult") == complaint(served, "scimult-client")
    else:
        assert not encoded.stderr
        assert not served.stderr


@pytest.mark.parametrize(
    "words", [["--csv-delimiter", "tab"], ["--csv-quotes", "doubled", "--input-format", "jsonl"]]
)
@pytest.mark.parametrize("name", ["papers.jsonl", "csv", "-"])
def test_options_of_tables_are_refused_for_json_lines(
    command, client, tiny_expert, tmp_path, words, name
):
    source = name if name == "-" else tmp_path / name
    encoded = command(
        *("encode", "--task", "search", "--model", tiny_expert, *words, "--input", source)
    )
    served = client("encode", "--task", "search", *words, source)
    assert (encoded.code, served.code) == (2, 2)
    said = f"{words[0]} is for tables, and {'standard input' if name == '-' else source} is read "
    assert f"Error: {said}" in encoded.stderr
    assert served.stderr.startswith(f"scimult-client: {said}")
