"""The files of Tests/Documents through `scimult-client encode`, beside what they hold."""

from __future__ import annotations

import base64
import json
import sysconfig
from pathlib import Path

import numpy as np
import pytest

from harness.command import Command
from scimult import Client

VECTORS = json.loads(
    (Path(__file__).resolve().parents[1] / "Documents/vectors.json").read_text(encoding="utf-8")
)["vectors"]

#: Options of the command, by their names in the files.
OPTIONS = {"format": "--input-format", "delimiter": "--csv-delimiter", "quotes": "--csv-quotes"}


@pytest.fixture
def encode(server, tmp_path):
    """Encodes a file of the vectors."""
    command = Command(Path(sysconfig.get_path("scripts")) / "scimult-client")

    def encode(vector):
        source = tmp_path / vector["file"]
        text, packed = vector.get("bytes"), vector.get("base64")
        source.write_bytes(text.encode() if packed is None else base64.b64decode(packed))
        options = vector.get("options", {}).items()
        words = [word for name, value in options for word in (OPTIONS[name], value)]
        if "skipped" in vector:
            words.append("--skip-bad-lines")
        return source, command(
            "encode", "--server", server.grpc, "--task", "search", *words, source
        )

    return encode


def content(row):
    return {name: value for name, value in row.items() if not name.startswith("id")}


@pytest.mark.parametrize(
    "vector", [each for each in VECTORS if "rows" in each], ids=lambda vector: vector["name"]
)
def test_rows(encode, server, vector):
    source, outcome = encode(vector)
    lines = outcome.succeed().stdout.splitlines()
    assert len(lines) == len(vector["rows"])
    for line, row in zip(lines, vector["rows"], strict=True):
        identifier = line.removeprefix('{"id": ').rpartition(', "embedding": ')[0]
        if "id_text" in row:
            assert identifier == row["id_text"]
        else:
            assert json.loads(identifier) == row["id"]
    if lines:
        got = np.array([json.loads(line)["embedding"] for line in lines], np.float32)
        with Client(server.grpc) as client:
            expected = client.encode(map(content, vector["rows"]), task="search")
        np.testing.assert_allclose(got, expected, rtol=0, atol=1e-5)
    if vector.get("skipped"):
        numbers = ", ".join(map(str, vector["skipped"]))
        assert outcome.stderr.startswith(f"scimult-client: {source}: ")
        assert outcome.stderr.endswith(f" skipped: {numbers}\n")
    else:
        assert outcome.stderr == ""
