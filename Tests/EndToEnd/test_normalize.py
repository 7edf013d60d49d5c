"""`normalize` returns the same direction with length 1."""

from __future__ import annotations

import numpy as np

from harness.calls import encode
from scimult._generated import scimult_pb2 as pb


def test_length_is_one_and_direction_the_same(channel, expected):
    documents = [row.document() for row in expected]
    raw, unit = (
        np.array(
            [
                embedding.values
                for embedding in encode(
                    channel,
                    pb.EncodeRequest(
                        task=pb.TASK_LINK_PREDICTION, documents=documents, normalize=normalize
                    ),
                ).embeddings
            ],
            np.float32,
        )
        for normalize in (False, True)
    )
    lengths = np.linalg.norm(raw, axis=1, keepdims=True)
    assert (lengths > 1.5).all()
    np.testing.assert_allclose(np.linalg.norm(unit, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(unit, raw / lengths, rtol=0, atol=1e-5)
