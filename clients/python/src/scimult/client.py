"""The client: texts and papers in, numpy arrays and rankings out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from types import TracebackType
from typing import Any

import grpc

from . import model
from ._generated import scimult_pb2 as pb
from .calls import EncodeCall, RankCall
from .chunks import Chunk, chunks_of
from .connection import Connection
from .documents import Document, each_document
from .embeddings import Embeddings
from .encoding import (
    ITER_DOCUMENTS_MAX,
    Encoded,
    OnError,
    SourceFailed,
    Step,
    check_iteration,
    checked,
    is_of_one_document,
    rows_of_failure,
    rows_of_response,
    steps,
    to_send_again,
)
from .error_details import errors_of_calls
from .errors import ScimultError, UnavailableError
from .model import ModelInfo
from .progress import progress_bar
from .ranking import RankedCandidate
from .vocabulary import EmbeddingFormat, Role, Task


class Client(Connection):
    """A connection to a SciMult server, or to several that share the calls. It is thread-safe.

    The first call opens the connection. The client splits any number of documents into requests
    within the server's limits, and combines the responses.

    Every method raises :class:`ScimultError` if the server does not answer or refuses the call, and
    ``ValueError`` or ``TypeError`` on invalid arguments.
    """

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connection and cancels running calls."""
        channel = self._closing()
        if channel is not None:
            channel.close()

    def model(self) -> ModelInfo:
        """Asks the server for its model and its limits."""
        answer = self._call(self._stub.GetModel, pb.GetModelRequest())
        self._known_model = model.from_message(answer)
        return self._known_model

    def encode(
        self,
        documents: Document | Iterable[Document],
        *,
        task: Task,
        role: Role = "query",
        normalize: bool = False,
        format: EmbeddingFormat = "float32",
        reject_truncation: bool = False,
    ) -> Embeddings:
        """Embeds texts and papers.

        Args:
            documents: One str, :class:`Paper`, :class:`Text` or mapping (n = 1); or any iterable
                of these and of ``(title, abstract)`` tuples, which is read while requests are sent.
            task: ``"classification"``, ``"link_prediction"``, ``"search"``, or another of the
                model's ``task_names``.
            role: ``"query"`` or ``"candidate"``.
            normalize: Whether to scale embeddings to length 1.
            format: The format in which embeddings are sent. ``"float16"`` and ``"int8"`` are
                smaller and less exact.
            reject_truncation: Whether a text that is longer than the model reads raises
                :class:`InvalidArgumentError` instead of being truncated.

        Returns:
            Array (n, d), float32, with one row for each document in order. For ``"binary"``: array
            (n, ceil(d / 8)), uint8, with one bit for each dimension, 1 if the value is above 0, in
            the order of ``numpy.unpackbits``.
        """
        call = EncodeCall(task, role, normalize, format, reject_truncation)
        server = self._server_model()
        rows = []
        # One request after the other: two large concurrent requests could fill the server's queue.
        for chunk in chunks_of(each_document(documents), call.chunker(server)):
            answer = self._call(self._encode, call.request(chunk), chunk.first)
            rows.append(call.rows(answer))
        return call.joined(rows, server)

    def encode_iter(
        self,
        documents: Iterable[Document],
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
    ) -> Generator[Encoded, None, None]:
        """Embeds any number of documents with several concurrent requests, in their order.

        Documents are read only as fast as rows are consumed, so memory is bounded. If a document
        cannot be embedded, only that document fails: its request is split until the document is
        alone, and the others are embedded.

        Args:
            documents: An iterable of documents as for :meth:`encode`, read while requests are sent.
                If the iterable raises an exception, the exception is raised here after the rows of
                all earlier documents.
            task, role, normalize, format, reject_truncation: As for :meth:`encode`.
            documents_per_request: The maximum number of documents in a request.
            concurrency: The maximum number of concurrent requests. The default is 8 for each server
                of the client's list.
            progress: Whether to show a progress bar; it needs ``scimult[progress]``.
            on_error: ``"raise"`` raises a document's error in place of its row. ``"yield"`` yields
                a row with the ``error`` and continues with the next rows.

        Returns:
            A generator of one result for each document. Closing it early cancels running requests.
        """
        call = EncodeCall(task, role, normalize, format, reject_truncation)
        check_iteration(concurrency, documents_per_request, on_error)
        bar = progress_bar(progress, documents)

        def rows() -> Generator[Encoded, None, None]:
            window = concurrency or self._iteration_concurrency
            every = self._encode_all(documents, call, documents_per_request, window)
            with bar, closing(every):
                for row in every:
                    yield checked(row, on_error)
                    bar.update()

        return rows()

    def rank(
        self,
        query: Document,
        candidates: Iterable[Document],
        *,
        task: Task,
        top_k: int | None = None,
        return_documents: bool = False,
    ) -> list[RankedCandidate]:
        """Ranks candidates for a query.

        Args:
            query: A str, :class:`Paper`, :class:`Text`, mapping or ``(title, abstract)`` tuple.
            candidates: Any iterable of such documents, read while requests are sent.
            task: ``"classification"``, ``"link_prediction"``, ``"search"``, or another of the
                model's ``task_names``.
            top_k: How many candidates to return; all by default.
            return_documents: Whether each result includes its document.

        Returns:
            Candidates, best first, ties by index; ``index`` is the position in ``candidates``.
        """
        call = RankCall(query, task, top_k, return_documents)
        for chunk in chunks_of(each_document(candidates), call.chunker(self._server_model())):
            call.add(chunk, self._call(self._stub.Rank, call.request(chunk), chunk.first))
        return call.ranking.candidates

    def _rank_each(
        self,
        query: Document,
        candidates: Iterable[Document],
        refused: Callable[[int, Exception], None],
        *,
        task: Task,
        top_k: int | None,
    ) -> list[RankedCandidate]:
        """Like :meth:`rank`, but a candidate that cannot be ranked does not fail the others.

        ``refused`` is called with the candidate's index and the error; it may raise an exception.
        """
        call = RankCall(query, task, top_k, return_documents=False)
        for step in steps(each_document(candidates), call.chunker(self._server_model())):
            self._rank_step(step, call, refused)
        return call.ranking.candidates

    def _rank_step(
        self, step: Step, call: RankCall, refused: Callable[[int, Exception], None]
    ) -> None:
        if isinstance(step, SourceFailed):
            raise step.error
        if isinstance(step, Encoded):
            assert step.error is not None
            refused(step.index, step.error)
            return
        try:
            response = self._call(self._stub.Rank, call.request(step), step.first)
        except ScimultError as error:
            if not is_of_one_document(error):
                raise
            for part in to_send_again(step, error):
                self._rank_step(part, call, refused)
            if len(step) == 1:
                refused(step.first, error)
            return
        call.add(step, response)

    def _channels(self) -> Any:
        return grpc

    def _server_model(self) -> ModelInfo:
        return self._known_model or self.model()

    def _call(self, method: Any, request: Any, first_document: int = 0) -> Any:
        call = partial(method, request, **self._call_options)
        return self._answer(call, call, first_document)

    def _answer(
        self, call: Callable[[], Any], call_again: Callable[[], Any], first_document: int
    ) -> Any:
        """Returns a call's result. Repeats the call once if the connection broke."""
        try:
            with errors_of_calls(first_document):
                return call()
        except UnavailableError as error:
            if not self._repeats(error):
                raise
        with errors_of_calls(first_document):
            return call_again()

    def _encode_all(
        self,
        documents: Iterable[Document],
        call: EncodeCall,
        documents_per_request: int,
        concurrency: int,
    ) -> Generator[Encoded, None, None]:
        chunker = call.chunker(self._server_model(), documents_per_request)
        under_way: deque[tuple[Step, Any]] = deque()
        try:
            for step in steps(each_document(documents), chunker):
                under_way.append((step, self._begin(step, call)))
                if len(under_way) >= concurrency:
                    yield from self._outcome(*under_way.popleft(), call)
            while under_way:
                yield from self._outcome(*under_way.popleft(), call)
        finally:
            for _, started in under_way:
                if started is not None:
                    started.cancel()

    def _begin(self, step: Step, call: EncodeCall) -> Any:
        """Sends a step's request, if it has one, without waiting for the response."""
        if isinstance(step, Chunk):
            return self._encode.future(call.request(step), **self._call_options)
        return None

    def _outcome(self, step: Step, started: Any, call: EncodeCall) -> Iterator[Encoded]:
        """Yields the rows of a step that has been sent."""
        if isinstance(step, SourceFailed):
            raise step.error
        if isinstance(step, Encoded):
            yield step
            return
        try:
            response = self._answer(
                started.result, lambda: self._begin(step, call).result(), step.first
            )
        except ScimultError as error:
            parts = to_send_again(step, error)
            for part in parts:
                yield from self._outcome(part, self._begin(part, call), call)
            if not parts:
                yield from rows_of_failure(step, error)
            return
        yield from rows_of_response(step, response, call.rows(response))


def to_client(server: Client | str | Sequence[str], options: Mapping[str, Any]) -> Client:
    """Returns the client itself, or a client for a target. Raises ``TypeError`` on bad options."""
    if not isinstance(server, Client):
        return Client(server, **options)
    if options:
        raise TypeError(f"the client is made already: {', '.join(options)} would have no effect")
    return server
