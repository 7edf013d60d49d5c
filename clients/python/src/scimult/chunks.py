"""Splits any number of documents into requests within the limits of requests and responses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ._generated import scimult_pb2 as pb
from .documents import to_message

#: Tag and length of a document inside a message, in bytes: 1 and at most 5.
_FIELD_BYTES = 6


@dataclass(frozen=True)
class Limits:
    """The limits of one request."""

    #: The maximum number of documents in a request.
    documents: int
    #: Space for documents in a request, without its other fields, in bytes.
    request_bytes: int
    #: Space for the results of documents in a response, without its other fields, in bytes.
    response_bytes: int


@dataclass(frozen=True)
class Chunk:
    """The documents of one request."""

    #: Position of the first document among all documents of the call.
    first: int
    #: The documents as they were passed.
    documents: list[Any]
    messages: list[pb.Document]

    def __len__(self) -> int:
        return len(self.messages)

    def halves(self) -> tuple[Chunk, Chunk]:
        """Splits the documents into two chunks, each of at least one document if there are two."""
        middle = len(self) // 2
        return (
            Chunk(self.first, self.documents[:middle], self.messages[:middle]),
            Chunk(self.first + middle, self.documents[middle:], self.messages[middle:]),
        )


class Chunker:
    """Takes documents one by one and returns chunks within limits, in order."""

    def __init__(self, limits: Limits, response_bytes: Callable[[pb.Document], int]) -> None:
        """``response_bytes`` returns the maximum number of response bytes for a document."""
        self._limits = limits
        self._response_bytes = response_bytes
        #: Number of documents passed so far.
        self.count = 0
        self._begin()

    def add(self, document: object) -> list[Chunk]:
        """Takes one document and returns the chunks that are now complete, usually none.

        Raises ``TypeError`` or ``ValueError``, with the document's position, if the argument is not
        a document or is larger than a message may be.
        """
        index = self.count
        self.count += 1
        try:
            message = to_message(document)
        except TypeError as error:
            raise TypeError(f"document {index}: {error}") from error
        except ValueError as error:
            raise ValueError(f"document {index}: {error}") from error
        sends = message.ByteSize() + _FIELD_BYTES
        receives = self._response_bytes(message)
        _check_fits(index, "request", sends, self._limits.request_bytes)
        _check_fits(index, "response", receives, self._limits.response_bytes)

        complete: list[Chunk] = []
        if (
            self._sends + sends > self._limits.request_bytes
            or self._receives + receives > self._limits.response_bytes
        ):
            complete += self.rest()
        if not self._messages:
            self._first = index
        self._documents.append(document)
        self._messages.append(message)
        self._sends += sends
        self._receives += receives
        if len(self._messages) == self._limits.documents:
            complete += self.rest()
        return complete

    def rest(self) -> list[Chunk]:
        """Returns the last, incomplete chunk, if there is one."""
        if not self._messages:
            return []
        chunk = Chunk(self._first, self._documents, self._messages)
        self._begin()
        return [chunk]

    def _begin(self) -> None:
        self._documents: list[Any] = []
        self._messages: list[pb.Document] = []
        self._sends = self._receives = 0


def chunks_of(documents: Iterable[object], chunker: Chunker) -> Iterator[Chunk]:
    """Yields the chunks of an iterable, which is read only as chunks are requested."""
    for document in documents:
        yield from chunker.add(document)
    yield from chunker.rest()


def _check_fits(index: int, message: str, size: int, limit: int) -> None:
    if size > limit:
        raise ValueError(
            f"document {index}: takes {size} bytes of a {message}, which has room for {limit}"
        )
