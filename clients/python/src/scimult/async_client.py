"""The client for asyncio."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
)
from contextlib import aclosing
from functools import partial
from types import TracebackType
from typing import Any, TypeAlias, Union, cast

import grpc
import grpc.aio

from . import model
from ._generated import scimult_pb2 as pb
from .calls import EncodeCall, RankCall
from .chunks import Chunk, Chunker
from .connection import Connection
from .documents import Document, each_document, is_one_document
from .embeddings import Embeddings
from .encoding import (
    ITER_DOCUMENTS_MAX,
    Encoded,
    OnError,
    SourceFailed,
    Step,
    check_iteration,
    checked,
    rows_of_failure,
    rows_of_response,
    steps_of_stream,
    to_send_again,
)
from .error_details import errors_of_calls
from .errors import ScimultError, UnavailableError
from .model import ModelInfo
from .progress import progress_bar
from .ranking import RankedCandidate
from .vocabulary import EmbeddingFormat, Role, Task

#: An iterable of documents, synchronous or asynchronous.
Documents: TypeAlias = Union[Iterable[Document], AsyncIterable[Document]]  # noqa: UP007


class AsyncClient(Connection):
    """:class:`Client` for asyncio, with the same methods, arguments and errors.

    >>> async with AsyncClient("localhost:50051") as client:
    ...     vectors = await client.encode(["graph neural networks"], task="search")
    ...     async for row in client.encode_iter(papers, task="search"):
    ...         store(row.index, row.embedding)

    A client belongs to the event loop in which it is created. Methods that take an iterable of
    documents also take an asynchronous one.
    """

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the connection and cancels running calls."""
        channel = self._closing()
        if channel is not None:
            await channel.close()

    async def model(self) -> ModelInfo:
        """Asks the server for its model and its limits."""
        answer = await self._call(self._stub.GetModel, pb.GetModelRequest())
        self._known_model = model.from_message(answer)
        return self._known_model

    async def encode(
        self,
        documents: Document | Documents,
        *,
        task: Task,
        role: Role = "query",
        normalize: bool = False,
        format: EmbeddingFormat = "float32",
        reject_truncation: bool = False,
    ) -> Embeddings:
        """Embeds texts and papers: see :meth:`Client.encode`."""
        call = EncodeCall(task, role, normalize, format, reject_truncation)
        server = await self._server_model()
        rows = []
        async for chunk in _chunks_of(documents, call.chunker(server)):
            answer = await self._call(self._encode, call.request(chunk), chunk.first)
            rows.append(call.rows(answer))
        return call.joined(rows, server)

    def encode_iter(
        self,
        documents: Documents,
        *,
        task: Task,
        role: Role = "query",
        normalize: bool = False,
        format: EmbeddingFormat = "float32",
        reject_truncation: bool = False,
        documents_per_request: int = ITER_DOCUMENTS_MAX,
        concurrency: int | None = None,
        progress: bool = False,
        on_error: OnError = "raise",
    ) -> AsyncGenerator[Encoded, None]:
        """Embeds any number of documents with several concurrent requests, in their order.

        Like :meth:`Client.encode_iter`, but for ``async for``.
        """
        call = EncodeCall(task, role, normalize, format, reject_truncation)
        check_iteration(concurrency, documents_per_request, on_error)
        bar = progress_bar(progress, documents)

        async def rows() -> AsyncGenerator[Encoded, None]:
            window = concurrency or self._iteration_concurrency
            every = self._encode_all(documents, call, documents_per_request, window)
            with bar:
                async with aclosing(every):
                    async for row in every:
                        yield checked(row, on_error)
                        bar.update()

        return rows()

    async def rank(
        self,
        query: Document,
        candidates: Documents,
        *,
        task: Task,
        top_k: int | None = None,
        return_documents: bool = False,
    ) -> list[RankedCandidate]:
        """Ranks candidates for a query: see :meth:`Client.rank`."""
        call = RankCall(query, task, top_k, return_documents)
        async for chunk in _chunks_of(candidates, call.chunker(await self._server_model())):
            call.add(chunk, await self._call(self._stub.Rank, call.request(chunk), chunk.first))
        return call.ranking.candidates

    def _channels(self) -> Any:
        # Without a running loop, gRPC would choose one that never runs.
        asyncio.get_running_loop()
        return grpc.aio

    async def _server_model(self) -> ModelInfo:
        return self._known_model or await self.model()

    async def _call(self, method: Any, request: Any, first_document: int = 0) -> Any:
        call = partial(method, request, **self._call_options)
        return await self._answer(call, call, first_document)

    async def _answer(
        self,
        call: Callable[[], Awaitable[Any]],
        call_again: Callable[[], Awaitable[Any]],
        first_document: int,
    ) -> Any:
        """Returns a call's result. Repeats the call once if the connection broke."""
        try:
            with errors_of_calls(first_document):
                return await call()
        except UnavailableError as error:
            if not self._repeats(error):
                raise
        with errors_of_calls(first_document):
            return await call_again()

    async def _encode_all(
        self,
        documents: Documents,
        call: EncodeCall,
        documents_per_request: int,
        concurrency: int,
    ) -> AsyncGenerator[Encoded, None]:
        chunker = call.chunker(await self._server_model(), documents_per_request)
        under_way: deque[tuple[Step, Any]] = deque()
        try:
            async for step in steps_of_stream(_stream_of(documents), chunker):
                under_way.append((step, self._begin(step, call)))
                if len(under_way) >= concurrency:
                    async for row in self._outcome(*under_way.popleft(), call):
                        yield row
            while under_way:
                async for row in self._outcome(*under_way.popleft(), call):
                    yield row
        finally:
            for _, started in under_way:
                if started is not None:
                    started.cancel()

    def _begin(self, step: Step, call: EncodeCall) -> Any:
        """Sends a step's request, if it has one, without waiting for the response."""
        if isinstance(step, Chunk):
            return self._encode(call.request(step), **self._call_options)
        return None

    async def _outcome(self, step: Step, started: Any, call: EncodeCall) -> AsyncIterator[Encoded]:
        """Yields the rows of a step that has been sent."""
        if isinstance(step, SourceFailed):
            raise step.error
        if isinstance(step, Encoded):
            yield step
            return
        try:
            response = await self._answer(
                lambda: started, lambda: self._begin(step, call), step.first
            )
        except ScimultError as error:
            parts = to_send_again(step, error)
            for part in parts:
                async for row in self._outcome(part, self._begin(part, call), call):
                    yield row
            if not parts:
                for row in rows_of_failure(step, error):
                    yield row
            return
        for row in rows_of_response(step, response, call.rows(response)):
            yield row


async def _stream_of(documents: Document | Documents) -> AsyncIterator[Document]:
    """Yields documents one by one, from any kind of iterable."""
    if isinstance(documents, AsyncIterable) and not is_one_document(documents):
        async for document in documents:
            yield document
    else:
        for document in each_document(cast("Document | Iterable[Document]", documents)):
            yield document


async def _chunks_of(documents: Document | Documents, chunker: Chunker) -> AsyncIterator[Chunk]:
    """Yields the chunks of an iterable, which is read only as chunks are requested."""
    async for document in _stream_of(documents):
        for chunk in chunker.add(document):
            yield chunk
    for chunk in chunker.rest():
        yield chunk
