"""Every architecture that loads is served as its reference computes it: all tasks, both roles."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from harness.calls import encode
from harness.texts import TASKS
from scimult._generated import scimult_pb2 as pb

VARIANTS = Path(__file__).resolve().parents[1] / "Golden/variants"
ROLES = {"query": pb.ROLE_QUERY, "candidate": pb.ROLE_CANDIDATE}

VALUE_ERROR_MAX = 5e-5

# Weights are random and rows short in these models: rounding errors do not average out, and some
# texts amplify them.
INT8_COSINE_MIN = 0.9
INT8_MEAN_COSINE_MIN = 0.98


def document(row: dict) -> pb.Document:
    if "text" in row:
        return pb.Document(text=row["text"])
    return pb.Document(paper=pb.Paper(title=row["title"], abstract=row["abstract"]))


@pytest.fixture(params=sorted(VARIANTS.iterdir()), ids=lambda variant: variant.name)
def variant(request):
    return request.param


@pytest.fixture
def expected_rows(variant):
    """Rows of the reference by task and role."""
    rows = defaultdict(list)
    for line in (variant / "expected.jsonl").read_text().splitlines():
        row = json.loads(line)
        rows[row["task"], row["role"]].append(row)
    return rows


def embed(channel, task, role, rows):
    request = pb.EncodeRequest(task=TASKS[task], role=ROLES[role], documents=map(document, rows))
    embeddings = encode(channel, request).embeddings
    assert [(embedding.tokens, embedding.truncated) for embedding in embeddings] == [
        (len(row["input_ids"]), row["truncated"]) for row in rows
    ]
    return np.array([embedding.values for embedding in embeddings], np.float32)


def test_fp32(start_server, variant, expected_rows):
    with start_server("--precision", "fp32", model=variant, admin="off").channel() as channel:
        for (task, role), rows in expected_rows.items():
            np.testing.assert_allclose(
                embed(channel, task, role, rows),
                np.array([row["embedding"] for row in rows], np.float32),
                rtol=0,
                atol=VALUE_ERROR_MAX,
                err_msg=f"{task}, {role}",
            )


def test_int8(start_server, variant, expected_rows):
    with start_server("--precision", "int8", model=variant, admin="off").channel() as channel:
        for (task, role), rows in expected_rows.items():
            values = embed(channel, task, role, rows)
            reference = np.array([row["embedding"] for row in rows])
            lengths = np.linalg.norm(values, axis=1) * np.linalg.norm(reference, axis=1)
            cosines = (values * reference).sum(axis=1) / lengths
            assert cosines.min() >= INT8_COSINE_MIN, f"{task}, {role}"
            assert cosines.mean() >= INT8_MEAN_COSINE_MIN, f"{task}, {role}"
