"""Rows of Tests/Golden: a reference's results for documents, for each task and role."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import grpc
import numpy as np

from scimult._generated import scimult_pb2 as pb

from .calls import encode
from .texts import TASKS

ROLES = {"query": pb.ROLE_QUERY, "candidate": pb.ROLE_CANDIDATE}

#: Batches contain texts of other lengths, and the reference sums in a different order.
VALUE_ERROR_MAX = 5e-5


@dataclass(frozen=True)
class GoldenRow:
    """A document, and the reference's result for a task and a role."""

    #: The document as an input line for commands.
    line: dict[str, str]
    input_ids: list[int]
    truncated: bool
    #: (d,) float32
    embedding: np.ndarray

    @property
    def document(self) -> pb.Document:
        if "text" in self.line:
            return pb.Document(text=self.line["text"])
        return pb.Document(paper=pb.Paper(**self.line))


Rows = dict[tuple[str, str], list[GoldenRow]]


def golden_rows(model: Path) -> Rows:
    """Returns the rows of a model's expected.jsonl by task and role."""
    rows = defaultdict(list)
    for row in map(json.loads, (model / "expected.jsonl").read_text().splitlines()):
        line = {key: row[key] for key in ("text", "title", "abstract") if key in row}
        embedding = np.array(row["embedding"], np.float32)
        golden = GoldenRow(line, row["input_ids"], row["truncated"], embedding)
        rows[row["task"], row["role"]].append(golden)
    return dict(rows)


def embeddings(rows: Iterable[GoldenRow]) -> np.ndarray:
    """(n, d) float32"""
    return np.stack([row.embedding for row in rows])


def encode_request(
    task: str, role: str, rows: Sequence[GoldenRow], *, by_name: bool = False
) -> pb.EncodeRequest:
    """Returns a request for rows, with the task's number if it has one and not ``by_name``."""
    named = {"task_name": task} if by_name or task not in TASKS else {"task": TASKS[task]}
    documents = [row.document for row in rows]
    return pb.EncodeRequest(role=ROLES[role], documents=documents, **named)


def values(response: pb.EncodeResponse) -> np.ndarray:
    """(n, d) float32"""
    return np.array([embedding.values for embedding in response.embeddings], np.float32)


def assert_golden(response: pb.EncodeResponse, rows: Sequence[GoldenRow], about: str = "") -> None:
    """Asserts that the response has the vectors of fp32, the tokens, and the truncation flags."""
    told = [(embedding.tokens, embedding.truncated) for embedding in response.embeddings]
    assert told == [(len(row.input_ids), row.truncated) for row in rows], about
    np.testing.assert_allclose(
        values(response), embeddings(rows), rtol=0, atol=VALUE_ERROR_MAX, err_msg=about
    )


def assert_golden_together(channel: grpc.Channel, rows: Rows, *, times: int, workers: int) -> None:
    """Sends concurrent requests of all tasks and roles, by name, each several times."""
    uses = list(rows) * times
    asked = [encode_request(task, role, rows[task, role], by_name=True) for task, role in uses]
    with ThreadPoolExecutor(workers) as pool:
        for use, response in zip(uses, pool.map(lambda r: encode(channel, r), asked), strict=True):
            assert_golden(response, rows[use], " ".join(use))
