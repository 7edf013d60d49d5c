"""The client: texts and papers in, numpy arrays and rankings out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from types import TracebackType
from typing import Any

import grpc
import numpy as np

from . import embeddings, model
from ._generated import scimult_pb2 as pb
from ._generated.scimult_pb2_grpc import SciMultStub
from .documents import Document, to_message, to_messages
from .embeddings import Embeddings
from .error_details import to_error
from .model import ModelInfo
from .ranking import RESULT_ENVELOPE_BYTES, RankedCandidate, Ranking
from .splitting import Limits, split
from .vocabulary import EmbeddingFormat, Role, Task, format_number, role_number, task_number

#: The most documents of one Encode request, where the server would take more: enough to fill its
#: batches, few enough that a slow model answers in time and others get their turn.
_ENCODE_DOCUMENTS_MAX = 128

#: More than a response's own tags and lengths take, without the model's name, in bytes.
_RESPONSE_ENVELOPE_BYTES = 64


class Client:
    """A connection to a SciMult server. Threads may share it.

    The connection opens with the first call. Texts of any number are cut into requests within the
    limits that the server tells, and their answers put together again.

    Args:
        target: ``"host:port"``, ``"[::1]:port"`` or ``"unix:PATH"``.
        timeout: Seconds that one request may take; ``None`` for no limit. A call over many texts
            makes several requests.
        retries: How often a request is repeated (4 at most) when the server is full or not there;
            after the time that the server asks for, or soon.
        credentials: TLS credentials; without them the connection is in clear text.
        channel_options: gRPC channel options; they win over the client's own.

    Every method raises :class:`ScimultError` when the server does not answer or refuses, and
    ``ValueError`` or ``TypeError`` on arguments that cannot be sent.
    """

    def __init__(
        self,
        target: str,
        *,
        timeout: float | None = 300.0,
        retries: int = 3,
        credentials: grpc.ChannelCredentials | None = None,
        channel_options: Sequence[tuple[str, Any]] = (),
    ) -> None:
        # Where an option comes twice, gRPC takes the first.
        options = [*channel_options, *_channel_options(retries)]
        self._channel = (
            grpc.insecure_channel(target, options)
            if credentials is None
            else grpc.secure_channel(target, credentials, options)
        )
        self._stub: Any = SciMultStub(self._channel)  # type: ignore[no-untyped-call]
        self._timeout = timeout
        self._known_model: ModelInfo | None = None

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
        """Closes the connection; calls under way are cancelled."""
        self._channel.close()

    def model(self) -> ModelInfo:
        """Asks what model the server has, and its limits."""
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
                of these and of ``(title, abstract)`` tuples, read as it is sent.
            task: ``"classification"``, ``"link_prediction"`` or ``"search"``.
            role: ``"query"`` or ``"candidate"``.
            normalize: Whether embeddings get length 1.
            format: How embeddings travel. ``"float16"`` and ``"int8"`` are smaller and less exact.
            reject_truncation: Whether a text longer than the model reads is an
                :class:`InvalidArgumentError`, and not cut.

        Returns:
            Array (n, d), float32, a row for each document in their order; for ``"binary"`` array
            (n, ceil(d / 8)), uint8, a bit for each dimension, 1 where the value is above 0, as
            ``numpy.unpackbits`` reads them.
        """
        request = pb.EncodeRequest(
            task=task_number(task),
            role=role_number(role),
            format=format_number(format),
            normalize=normalize,
            reject_truncation=reject_truncation,
        )
        server = self._server_model()
        embedding_bytes = embeddings.wire_bytes(server.dimensions, request.format)

        chunks = split(
            to_messages(documents),
            _room(server, request.ByteSize(), documents_max=_ENCODE_DOCUMENTS_MAX),
            lambda document: embedding_bytes + len(document.id.encode()),
        )
        rows = [
            embeddings.decode(response.embeddings, request.format)
            for _, _, response in self._answers(self._stub.Encode, request, "documents", chunks)
        ]
        return np.concatenate(rows or [embeddings.empty(server.dimensions, request.format)])

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
            candidates: Any iterable of such documents, read as it is sent.
            task: ``"classification"``, ``"link_prediction"`` or ``"search"``.
            top_k: How many to return; all by default.
            return_documents: Whether each result carries its document.

        Returns:
            Candidates, best first, ties by index; ``index`` is the place in ``candidates``.
        """
        if top_k is not None and top_k < 1:
            raise ValueError(f"top_k is {top_k}: expected at least 1")
        request = pb.RankRequest(
            task=task_number(task),
            query=to_message(query),
            top_k=top_k or 0,
            return_documents=return_documents,
        )

        def result_bytes(document: pb.Document) -> int:
            content = document.ByteSize() if return_documents else 0
            return RESULT_ENVELOPE_BYTES + len(document.id.encode()) + content

        chunks = split(
            to_messages(candidates), _room(self._server_model(), request.ByteSize()), result_bytes
        )
        ranking = Ranking(top_k)
        for first, sent, response in self._answers(self._stub.Rank, request, "candidates", chunks):
            ranking.add(first, sent, response.results)
        return ranking.candidates

    def _server_model(self) -> ModelInfo:
        return self._known_model or self.model()

    def _answers(
        self, method: Any, request: Any, field: str, chunks: Iterator[list[pb.Document]]
    ) -> Iterator[tuple[int, list[pb.Document], Any]]:
        """Sends a request once for each chunk, put into its field of documents.

        Gives the place of the chunk's first document, the chunk and its answer. One after the
        other: two large requests at once could fill the server's queue by themselves.
        """
        first_document = 0
        for chunk in chunks:
            message = type(request)()
            message.CopyFrom(request)
            getattr(message, field).extend(chunk)
            yield first_document, chunk, self._call(method, message, first_document)
            first_document += len(chunk)

    def _call(self, method: Any, request: Any, first_document: int = 0) -> Any:
        try:
            return method(request, timeout=self._timeout)
        except grpc.RpcError as failure:
            raise to_error(failure, first_document=first_document) from failure


def _room(server: ModelInfo, request_bytes: int, documents_max: int | None = None) -> Limits:
    """The room that is left for documents beside the rest of a request and of its response."""
    if request_bytes > server.max_message_bytes:
        raise ValueError(
            f"the query takes {request_bytes} bytes; a message may have {server.max_message_bytes}"
        )
    response_bytes = len(server.name.encode()) + _RESPONSE_ENVELOPE_BYTES
    return Limits(
        documents=min(server.max_documents, documents_max or server.max_documents),
        request_bytes=server.max_message_bytes - request_bytes,
        response_bytes=server.max_message_bytes - response_bytes,
    )


def _channel_options(retries: int) -> list[tuple[str, Any]]:
    options: list[tuple[str, Any]] = [
        # Messages are cut to the server's limits, which are not known before it was asked:
        # gRPC's own limits, which are fixed when the channel is made, must not be narrower.
        ("grpc.max_send_message_length", -1),
        ("grpc.max_receive_message_length", -1),
        # A proxy for web pages is no way to a server on this machine or in this cluster.
        ("grpc.enable_http_proxy", 0),
    ]
    if retries > 0:
        policy = {
            "maxAttempts": 1 + retries,
            "initialBackoff": "0.1s",
            "maxBackoff": "5s",
            "backoffMultiplier": 3,
            "retryableStatusCodes": ["UNAVAILABLE", "RESOURCE_EXHAUSTED"],
        }
        service = {"name": [{"service": "scimult.v1.SciMult"}], "retryPolicy": policy}
        options.append(("grpc.service_config", json.dumps({"methodConfig": [service]})))
    return options
