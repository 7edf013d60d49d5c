"""The requests of calls and the results of responses, for threads and for asyncio."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from . import embeddings
from ._generated import scimult_pb2 as pb
from .arguments import check_flag, check_whole
from .chunks import Chunk, Chunker, Limits
from .documents import Document, to_message
from .embeddings import Embeddings
from .model import ModelInfo
from .ranking import RESULT_ENVELOPE_BYTES, Ranking
from .vocabulary import EmbeddingFormat, Role, Task, format_number, role_number, task_fields

#: The maximum number of documents in an Encode request, if the server allows more. It is enough to
#: fill the server's batches. With a larger number, a slow model would answer late and delay others.
ENCODE_DOCUMENTS_MAX = 128

#: An upper bound for a response's own tags and lengths, excluding the model's name and fingerprint,
#: in bytes.
_RESPONSE_ENVELOPE_BYTES = 64


class EncodeCall:
    """Embeds documents in several requests with the same settings."""

    def __init__(
        self,
        task: Task,
        role: Role,
        normalize: bool,
        format: EmbeddingFormat,
        reject_truncation: bool,
    ) -> None:
        self._settings = pb.EncodeRequest(
            role=role_number(role),
            format=format_number(format),
            normalize=check_flag("normalize", normalize),
            reject_truncation=check_flag("reject_truncation", reject_truncation),
            **task_fields(task),
        )

    def chunker(self, server: ModelInfo, documents_max: int = ENCODE_DOCUMENTS_MAX) -> Chunker:
        """Returns a chunker for requests to this server."""
        embedding_bytes = embeddings.wire_bytes(server.dimensions, self._settings.format)
        return Chunker(
            _room(server, self._settings.ByteSize(), documents_max),
            lambda document: embedding_bytes + len(document.id.encode()),
        )

    def request(self, chunk: Chunk) -> pb.EncodeRequest:
        """Returns the request for a chunk's embeddings."""
        request = pb.EncodeRequest()
        request.CopyFrom(self._settings)
        request.documents.extend(chunk.messages)
        return request

    def rows(self, response: Any) -> Embeddings:
        """Returns the embeddings of a packed response as an array, one row each."""
        return embeddings.decode(response.embeddings, self._settings.format)

    def joined(self, rows: Sequence[Embeddings], server: ModelInfo) -> Embeddings:
        """Joins the rows of all responses into one array."""
        none = embeddings.empty(server.dimensions, self._settings.format)
        return np.concatenate(rows or [none])


class RankCall:
    """Ranks candidates for a query in several requests with the same settings."""

    def __init__(
        self, query: Document, task: Task, top_k: int | None, return_documents: bool
    ) -> None:
        if top_k is not None:
            # The field has no space for a larger number, and no list of candidates is that long.
            top_k = min(check_whole("top_k", top_k, 1), (1 << 32) - 1)
        self._settings = pb.RankRequest(
            query=_query_message(query),
            top_k=top_k or 0,
            return_documents=check_flag("return_documents", return_documents),
            **task_fields(task),
        )
        self.ranking = Ranking(top_k)

    def chunker(self, server: ModelInfo) -> Chunker:
        """Returns a chunker for requests to this server."""
        return Chunker(
            _room(server, self._settings.ByteSize(), server.max_documents), self._result_bytes
        )

    def request(self, chunk: Chunk) -> pb.RankRequest:
        """Returns the request for a chunk's scores."""
        request = pb.RankRequest()
        request.CopyFrom(self._settings)
        request.candidates.extend(chunk.messages)
        return request

    def add(self, chunk: Chunk, response: pb.RankResponse) -> None:
        """Adds a chunk's scores to the ranking."""
        self.ranking.add(chunk.first, chunk.messages, response.results)

    def _result_bytes(self, document: pb.Document) -> int:
        content = document.ByteSize() if self._settings.return_documents else 0
        return RESULT_ENVELOPE_BYTES + len(document.id.encode()) + content


def _query_message(query: Document) -> pb.Document:
    try:
        return to_message(query)
    except (TypeError, ValueError) as error:
        raise type(error)(f"query: {error}") from error


def _room(server: ModelInfo, request_bytes: int, documents_max: int) -> Limits:
    """Returns the space for documents, without the other parts of a request and of its response."""
    if request_bytes > server.max_message_bytes:
        raise ValueError(
            f"the query takes {request_bytes} bytes; a message may have {server.max_message_bytes}"
        )
    names_bytes = len(server.name.encode()) + len(server.fingerprint.encode())
    response_bytes = names_bytes + _RESPONSE_ENVELOPE_BYTES
    return Limits(
        documents=min(server.max_documents, documents_max),
        request_bytes=server.max_message_bytes - request_bytes,
        response_bytes=server.max_message_bytes - response_bytes,
    )
