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


def document(row: dict) -> pb.Document:
    if "text" in row:
        return pb.Document(text=row["text"])
    return pb.Document(paper=pb.Paper(title=row["title"], abstract=row["abstract"]))


@pytest.mark.parametrize("variant", sorted(VARIANTS.iterdir()), ids=lambda variant: variant.name)
def test_variant(start_server, variant):
    rows = defaultdict(list)
    for line in (variant / "expected.jsonl").read_text().splitlines():
        row = json.loads(line)
        rows[row["task"], row["role"]].append(row)
    with start_server(model=variant, admin="off").channel() as channel:
        for (task, role), expected in rows.items():
            response = encode(
                channel,
                pb.EncodeRequest(
                    task=TASKS[task], role=ROLES[role], documents=map(document, expected)
                ),
            )
            embeddings = response.embeddings
            np.testing.assert_allclose(
                np.array([embedding.values for embedding in embeddings], np.float32),
                np.array([row["embedding"] for row in expected], np.float32),
                rtol=0,
                atol=VALUE_ERROR_MAX,
                err_msg=f"{task}, {role}",
            )
            assert [(embedding.tokens, embedding.truncated) for embedding in embeddings] == [
                (len(row["input_ids"]), row["truncated"]) for row in expected
            ]
