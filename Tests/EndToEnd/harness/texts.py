"""Texts to encode, with the reference's results for some."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from scimult._generated import scimult_pb2 as pb

TASKS = {
    "classification": pb.TASK_CLASSIFICATION,
    "link_prediction": pb.TASK_LINK_PREDICTION,
    "search": pb.TASK_SEARCH,
}


@dataclass(frozen=True)
class ExpectedRow:
    """A text, with the ids and the embedding of the original code."""

    #: The text as an input line for commands.
    line: dict[str, str]
    task: str
    input_ids: list[int]
    #: (d,) float32
    embedding: np.ndarray

    def document(self, identifier: str = "") -> pb.Document:
        if "text" in self.line:
            return pb.Document(id=identifier, text=self.line["text"])
        return pb.Document(id=identifier, paper=pb.Paper(**self.line))


def expected_rows(model: Path) -> list[ExpectedRow]:
    """Returns the rows of a model folder's expected.jsonl."""
    rows = map(json.loads, (model / "expected.jsonl").read_text().splitlines())
    return [_expected_row(row) for row in rows]


def long_text(tokens: int) -> str:
    """Returns a text with this many tokens, including [CLS] and [SEP], for English vocabularies."""
    return "a " * (tokens - 2)


def long_request(documents: int) -> pb.EncodeRequest:
    """Returns distinct documents of the tiny expert's maximum length: milliseconds of work each."""
    texts = ["b " * number + long_text(512 - number) for number in range(documents)]
    return pb.EncodeRequest(
        task=pb.TASK_SEARCH, documents=[pb.Document(text=text) for text in texts]
    )


def _expected_row(row: dict[str, Any]) -> ExpectedRow:
    line = {key: row[key] for key in ("text", "title", "abstract") if key in row}
    embedding = np.array(row["embedding"], np.float32)
    return ExpectedRow(line, row["task"], row["input_ids"], embedding)
