"""The results of ``encode_iter``: one for each document, in order."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import grpc

from .arguments import check_whole, check_word
from .chunks import Chunk, Chunker
from .embeddings import Embeddings
from .errors import ScimultError

#: The default number of documents in a request of ``encode_iter``. Concurrent requests of this size
#: leave space in the server's queue for other clients.
ITER_DOCUMENTS_MAX = 32

#: The default number of concurrent requests of ``encode_iter`` for each server.
ITER_CONCURRENCY = 8

#: How ``encode_iter`` handles a document that cannot be embedded.
OnError = Literal["raise", "yield"]


@dataclass(frozen=True)
class Encoded:
    """The result for one document."""

    #: The document's position in the input, from 0.
    index: int
    #: The document as it was passed.
    document: Any
    #: (d,) float32, or (ceil(d / 8),) uint8 for the binary format; None if there is an error.
    embedding: Embeddings | None = None
    #: Number of tokens that the model read, including special tokens.
    tokens: int = 0
    #: Whether the document was longer than the model reads.
    truncated: bool = False
    #: The reason if there is no embedding.
    error: Exception | None = None


@dataclass(frozen=True)
class SourceFailed:
    """The iterable of documents raised this exception in place of the next document."""

    error: Exception


#: The next step: a request to send, a document that cannot be sent, or the end of the source.
Step: TypeAlias = Chunk | Encoded | SourceFailed


def check_iteration(concurrency: int | None, documents_per_request: int, on_error: str) -> None:
    """Raises ``ValueError`` or ``TypeError`` on invalid settings."""
    if concurrency is not None:
        check_whole("concurrency", concurrency, 1)
    check_whole("documents_per_request", documents_per_request, 1)
    check_word("on_error", on_error, ("raise", "yield"))


def steps(documents: Iterable[object], chunker: Chunker) -> Iterator[Step]:
    """Yields the steps for an iterable of documents, which is read only as steps are requested."""
    try:
        for document in documents:
            yield from _taken(document, chunker)
    except Exception as error:
        yield from chunker.rest()
        yield SourceFailed(error)
    else:
        yield from chunker.rest()


async def steps_of_stream(
    documents: AsyncIterable[object], chunker: Chunker
) -> AsyncIterator[Step]:
    """Yields the steps for an asynchronous iterable of documents."""
    try:
        async for document in documents:
            for step in _taken(document, chunker):
                yield step
    except Exception as error:
        for chunk in chunker.rest():
            yield chunk
        yield SourceFailed(error)
    else:
        for chunk in chunker.rest():
            yield chunk


def _taken(document: object, chunker: Chunker) -> list[Step]:
    index = chunker.count
    try:
        return [*chunker.add(document)]
    except (TypeError, ValueError) as error:
        return [*chunker.rest(), Encoded(index, document, error=error)]


def rows_of_response(chunk: Chunk, response: Any, embeddings: Embeddings) -> Iterator[Encoded]:
    """Yields the rows of a chunk from its response."""
    for place, document in enumerate(chunk.documents):
        answer = response.embeddings[place]
        yield Encoded(
            index=chunk.first + place,
            document=document,
            embedding=embeddings[place],
            tokens=answer.tokens,
            truncated=answer.truncated,
        )


def rows_of_failure(chunk: Chunk, error: ScimultError) -> Iterator[Encoded]:
    """Yields the rows of a chunk that failed as a whole."""
    for place, document in enumerate(chunk.documents):
        yield Encoded(chunk.first + place, document, error=error)


def to_send_again(chunk: Chunk, error: ScimultError) -> tuple[Chunk, ...]:
    """Returns the parts of a failed request that may succeed separately.

    One document that the server refuses or cannot encode fails its whole request.
    """
    return chunk.halves() if is_of_one_document(error) and len(chunk) > 1 else ()


def is_of_one_document(error: ScimultError) -> bool:
    """Whether one document caused the error: the server refuses it or cannot encode it."""
    return error.code is grpc.StatusCode.INTERNAL or any(
        violation.field.startswith(("documents[", "candidates[")) for violation in error.violations
    )


def checked(row: Encoded, on_error: OnError) -> Encoded:
    """Returns the row, or raises its error if the caller chose that."""
    if row.error is not None and on_error == "raise":
        raise row.error
    return row
