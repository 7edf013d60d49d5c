"""Encode returns the original code's results, for single and for concurrent requests."""

from __future__ import annotations

import numpy as np
import pytest

from harness.calls import encode
from harness.texts import TASKS
from scimult._generated import scimult_pb2 as pb

VALUE_ERROR_MAX = 5e-5
COMPANY_ERROR_MAX = 1e-5


def values(response: pb.EncodeResponse) -> np.ndarray:
    return np.array([embedding.values for embedding in response.embeddings], np.float32)


@pytest.mark.parametrize("task", TASKS)
def test_each_text_alone(channel, expected, task):
    for row in expected:
        if row.task != task:
            continue
        response = encode(channel, pb.EncodeRequest(task=TASKS[task], documents=[row.document()]))
        (embedding,) = response.embeddings
        np.testing.assert_allclose(
            embedding.values, row.embedding, rtol=0, atol=VALUE_ERROR_MAX, err_msg=str(row.line)
        )
        assert embedding.tokens == len(row.input_ids)
        assert not embedding.truncated


@pytest.mark.parametrize("task", TASKS)
def test_company_changes_a_text_by_rounding_alone(channel, expected, task):
    documents = [row.document() for row in expected if row.task == task]
    alone = [
        encode(channel, pb.EncodeRequest(task=TASKS[task], documents=[document]))
        for document in documents
    ]
    together = encode(channel, pb.EncodeRequest(task=TASKS[task], documents=documents * 20))
    np.testing.assert_allclose(
        values(together),
        np.tile(np.concatenate([values(response) for response in alone]), (20, 1)),
        rtol=0,
        atol=COMPANY_ERROR_MAX,
    )


def test_tasks_give_different_vectors(channel, expected):
    document = expected[0].document()
    vectors = [
        values(encode(channel, pb.EncodeRequest(task=task, documents=[document])))[0]
        for task in TASKS.values()
    ]
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert np.abs(vectors[one] - vectors[other]).max() > 0.1
