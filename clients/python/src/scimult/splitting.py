"""Cuts documents of any number into messages that the server and its replies have room for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ._generated import scimult_pb2 as pb

#: Tag and length of a document inside a message, in bytes: 1 and at most 5.
_FIELD_BYTES = 6


@dataclass(frozen=True)
class Limits:
    """What one message may hold."""

    #: The most documents in a request.
    documents: int
    #: Room for documents in a request, in bytes, what else it carries taken off.
    request_bytes: int
    #: Room for what answers documents in a response, in bytes, what else it carries taken off.
    response_bytes: int


def split(
    documents: Iterable[pb.Document], limits: Limits, response_bytes: Callable[[pb.Document], int]
) -> Iterator[list[pb.Document]]:
    """Cuts documents into chunks within limits, in their order, reading one ahead at most.

    ``response_bytes`` tells how many bytes of a response a document may bring. Raises
    ``ValueError`` where a single document is larger than a message may be.
    """
    chunk: list[pb.Document] = []
    sent = received = 0
    for index, document in enumerate(documents):
        sends = document.ByteSize() + _FIELD_BYTES
        receives = response_bytes(document)
        _check_fits(index, "request", sends, limits.request_bytes)
        _check_fits(index, "response", receives, limits.response_bytes)
        if sent + sends > limits.request_bytes or received + receives > limits.response_bytes:
            yield chunk
            chunk, sent, received = [], 0, 0
        chunk.append(document)
        sent += sends
        received += receives
        if len(chunk) == limits.documents:
            yield chunk
            chunk, sent, received = [], 0, 0
    if chunk:
        yield chunk


def _check_fits(index: int, message: str, size: int, limit: int) -> None:
    if size > limit:
        raise ValueError(
            f"document {index}: takes {size} bytes of a {message}, which has room for {limit}"
        )
