"""Converts embeddings from responses to numpy arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ._generated import scimult_pb2 as pb

#: (n, d) float32, or (n, ceil(d / 8)) uint8 for the binary format.
Embeddings: TypeAlias = NDArray[Any]

#: An upper bound for an embedding's tags, lengths, scale and token count on the wire, in bytes.
_ENVELOPE_BYTES = 48


def empty(dimensions: int, format: pb.EmbeddingFormat) -> Embeddings:
    """Returns an array of no embeddings, with the usual number of columns and type."""
    if format == pb.EMBEDDING_FORMAT_BINARY:
        return np.empty((0, -(-dimensions // 8)), np.uint8)
    return np.empty((0, dimensions), np.float32)


def decode(embeddings: Sequence[Any], format: pb.EmbeddingFormat) -> Embeddings:
    """Returns the embeddings of a packed response, at least one, as an array, one row each.

    float32, float16 and int8 give (n, d) float32. Binary gives (n, ceil(d / 8)) uint8: dimension 0
    is the most significant bit of byte 0, as in ``numpy.unpackbits``.
    """
    if format in (pb.EMBEDDING_FORMAT_FLOAT32, pb.EMBEDDING_FORMAT_UNSPECIFIED):
        return _rows([embedding.values for embedding in embeddings], "<f4")
    data = [embedding.data for embedding in embeddings]
    if format == pb.EMBEDDING_FORMAT_FLOAT16:
        return _rows(data, "<f2").astype(np.float32)
    if format == pb.EMBEDDING_FORMAT_INT8:
        scales = np.array([embedding.scale for embedding in embeddings], np.float32)
        return _rows(data, np.int8).astype(np.float32) * scales[:, np.newaxis]
    return _rows(data, np.uint8)


def wire_bytes(dimensions: int, format: pb.EmbeddingFormat) -> int:
    """Returns the maximum size of one embedding in a response, without its id, in bytes."""
    if format == pb.EMBEDDING_FORMAT_BINARY:
        return _ENVELOPE_BYTES + -(-dimensions // 8)
    if format == pb.EMBEDDING_FORMAT_INT8:
        return _ENVELOPE_BYTES + dimensions
    if format == pb.EMBEDDING_FORMAT_FLOAT16:
        return _ENVELOPE_BYTES + 2 * dimensions
    return _ENVELOPE_BYTES + 4 * dimensions


def _rows(data: Sequence[bytes], element: Any) -> Embeddings:
    # A bytearray makes the rows writable.
    return np.frombuffer(bytearray(b"".join(data)), element).reshape(len(data), -1)
