"""Every format carries the same embedding, as exactly as its bits allow."""

from __future__ import annotations

import numpy as np
import pytest

from harness.calls import encode
from scimult._generated import scimult_pb2 as pb

#: Two runs of one request may differ by this amount.
ROUNDING = 1e-5


def embeddings(channel, expected, format, *, normalize=False) -> list[pb.Embedding]:
    documents = [row.document() for row in expected[:6]]
    request = pb.EncodeRequest(
        task=pb.TASK_SEARCH, documents=documents, format=format, normalize=normalize
    )
    return list(encode(channel, request).embeddings)


@pytest.fixture
def exact(channel, expected) -> np.ndarray:
    rows = embeddings(channel, expected, pb.EMBEDDING_FORMAT_FLOAT32)
    return np.array([row.values for row in rows], np.float32)


def test_float32_is_what_unspecified_means(channel, expected, exact):
    rows = embeddings(channel, expected, pb.EMBEDDING_FORMAT_UNSPECIFIED)
    np.testing.assert_allclose([row.values for row in rows], exact, rtol=0, atol=ROUNDING)
    assert all(row.data == b"" and row.scale == 0 for row in rows)


def test_float16_is_little_endian_halves(channel, expected, exact):
    rows = embeddings(channel, expected, pb.EMBEDDING_FORMAT_FLOAT16)
    assert all(len(row.data) == 2 * 64 and not row.values for row in rows)
    halves = np.array([np.frombuffer(row.data, "<f2") for row in rows], np.float32)
    np.testing.assert_allclose(halves, exact, rtol=2**-11, atol=2 * ROUNDING)


def test_int8_is_symmetric_with_a_scale(channel, expected, exact):
    rows = embeddings(channel, expected, pb.EMBEDDING_FORMAT_INT8)
    assert all(len(row.data) == 64 and not row.values for row in rows)
    for row, values in zip(rows, exact, strict=True):
        steps = np.frombuffer(row.data, np.int8).astype(np.float32)
        assert np.abs(steps).max() == 127
        np.testing.assert_allclose(row.scale, np.abs(values).max() / 127, rtol=1e-4)
        np.testing.assert_allclose(
            steps * row.scale, values, rtol=0, atol=0.5 * row.scale + 2 * ROUNDING
        )


def test_int8_is_made_after_normalize(channel, expected, exact):
    rows = embeddings(channel, expected, pb.EMBEDDING_FORMAT_INT8, normalize=True)
    unit = exact / np.linalg.norm(exact, axis=1, keepdims=True)
    for row, values in zip(rows, unit, strict=True):
        steps = np.frombuffer(row.data, np.int8).astype(np.float32)
        np.testing.assert_allclose(
            steps * row.scale, values, rtol=0, atol=0.5 * row.scale + 2 * ROUNDING
        )


def test_binary_is_the_sign_of_each_dimension(channel, expected, exact):
    rows = embeddings(channel, expected, pb.EMBEDDING_FORMAT_BINARY)
    assert all(len(row.data) == 8 and not row.values for row in rows)
    bits = np.array([np.unpackbits(np.frombuffer(row.data, np.uint8)) for row in rows])
    clear = np.abs(exact) > ROUNDING
    np.testing.assert_array_equal(bits[clear], (exact > 0)[clear])


def test_binary_fills_its_last_byte_with_zeros(start_server, golden_variants):
    request = pb.EncodeRequest(
        task=pb.TASK_SEARCH,
        documents=[pb.Document(text=f"ferns {number}") for number in range(8)],
        format=pb.EMBEDDING_FORMAT_BINARY,
    )
    with start_server(model=golden_variants / "heads-of-20").channel() as channel:
        for embedding in encode(channel, request).embeddings:
            assert len(embedding.data) == 60 // 8 + 1
            assert embedding.data[-1] & 0x0F == 0
