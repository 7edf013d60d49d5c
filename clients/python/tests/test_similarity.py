"""How a SentenceEncoder compares embeddings."""

from __future__ import annotations

import numpy as np
import pytest
from fake_server import FakeServer, running

from scimult import SentenceEncoder

RANDOM = np.random.default_rng(0)
VECTORS = RANDOM.standard_normal((500, 12)).astype(np.float32)


@pytest.fixture(params=["cosine", "dot"])
def encoder(request):
    with running(FakeServer(similarity=request.param)) as server:
        encoder = SentenceEncoder(server.address, task="search")
        yield encoder
        encoder.client.close()


def expected(encoder, left, right):
    if encoder.similarity_fn_name == "cosine":
        left, right = (
            each / np.linalg.norm(each.astype(np.float64), axis=1, keepdims=True)
            for each in (left, right)
        )
    return left @ right.T


def test_scores(encoder):
    left, right = VECTORS[:7], VECTORS[7:20]
    matrix = expected(encoder, left, right)
    np.testing.assert_allclose(encoder.similarity(left, right), matrix, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(encoder.similarity([*left], right), matrix, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(encoder.similarity(left[0], right), matrix[:1], rtol=1e-5, atol=1e-5)
    pairs = encoder.similarity_pairwise(left, right[:7])
    np.testing.assert_allclose(pairs, np.diag(matrix), rtol=1e-5, atol=1e-5)


def test_a_cosine_is_never_above_1(encoder):
    if encoder.similarity_fn_name == "cosine":
        for scale in (1, 1e-6, 1e6):
            scores = encoder.similarity(VECTORS, VECTORS * np.float32(scale))
            assert scores.max() <= 1
            assert encoder.similarity(VECTORS, -VECTORS).min() >= -1
            assert encoder.similarity_pairwise(VECTORS, VECTORS).max() <= 1


def test_an_embedding_of_no_length_is_like_none(encoder):
    zeros = np.zeros((1, 12), np.float32)
    np.testing.assert_array_equal(encoder.similarity(zeros, VECTORS[:3]), [[0, 0, 0]])
