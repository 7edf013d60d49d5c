"""A server in this process that implements the API with a made-up model."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
import numpy as np

from scimult._generated import scimult_pb2 as pb
from scimult._generated.scimult_pb2_grpc import (
    SciMultServicer,
    add_SciMultServicer_to_server,
)


@dataclass
class FakeServer(SciMultServicer):
    """Answers requests, and records the documents of each."""

    dimensions: int = 12
    max_documents: int = 8
    max_message_bytes: int = 4096
    similarity: str = "dot"
    #: Tasks outside the API's enumeration.
    other_tasks: tuple[str, ...] = ("regression",)
    fingerprint: str = "f0"
    #: Number of documents of each request, in the order of arrival.
    requests: list[int] = field(default_factory=list)
    #: Added to the scores of each later request: other batches may change a score by rounding.
    rounding: float = 0.0
    #: Called with each request before it is answered; may abort the call through the context.
    intercept: Callable[[Any, grpc.ServicerContext], None] = lambda request, context: None
    address: str = ""

    def vector(self, document: pb.Document, task: int | str) -> np.ndarray:
        """The model's embedding, (d,) float32, of a document, regardless of its id."""
        content = document.text or f"{document.paper.title} [SEP] {document.paper.abstract}"
        seed = hashlib.sha256(f"{task}:{content}".encode()).digest()
        random = np.random.default_rng(list(seed))
        return random.standard_normal(self.dimensions).astype(np.float32)

    def GetModel(self, request, context):
        return pb.Model(
            name="fake",
            architecture="expert",
            dimensions=self.dimensions,
            max_tokens=512,
            layers=4,
            tasks=[pb.TASK_CLASSIFICATION, pb.TASK_LINK_PREDICTION, pb.TASK_SEARCH],
            precision="fp32",
            similarity=self.similarity,
            max_documents=self.max_documents,
            max_message_bytes=self.max_message_bytes,
            fingerprint=self.fingerprint,
            experts=[
                pb.Expert(task=name, role=role, name=f"{name}-expert")
                for name in self.other_tasks
                for role in (pb.ROLE_QUERY, pb.ROLE_CANDIDATE)
            ],
            task_names=["classification", "link_prediction", "search", *self.other_tasks],
        )

    def Encode(self, request, context):
        self._admit(request, request.documents, context)
        embeddings = []
        for document in request.documents:
            values = self.vector(document, request.task or request.task_name)
            if request.normalize:
                values = values / np.linalg.norm(values)
            embedding = pb.Embedding(id=document.id, tokens=7)
            write_values(embedding, values, request.format)
            embeddings.append(embedding)
        response = pb.EncodeResponse(
            model="fake", embeddings=embeddings, fingerprint=self.fingerprint
        )
        return self._limited(response, context)

    def Rank(self, request, context):
        self._admit(request, request.candidates, context)
        task = request.task or request.task_name
        query = self.vector(request.query, task)
        results = [
            pb.RankedCandidate(
                index=index,
                id=candidate.id,
                score=float(query @ self.vector(candidate, task))
                + self.rounding * len(self.requests),
                document=candidate if request.return_documents else None,
            )
            for index, candidate in enumerate(request.candidates)
        ]
        results.sort(key=lambda result: (-result.score, result.index))
        top = results[: request.top_k or None]
        response = pb.RankResponse(model="fake", results=top, fingerprint=self.fingerprint)
        return self._limited(response, context)

    def _admit(self, request, documents, context) -> None:
        self.requests.append(len(documents))
        self.intercept(request, context)
        if not 1 <= len(documents) <= self.max_documents:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"{len(documents)} documents")
        if not request.task and request.task_name not in self.other_tasks:
            known = ", ".join(("classification", "link_prediction", "search", *self.other_tasks))
            words = f"task_name: {request.task_name!r} is no task of the model, which has {known}"
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, words)
        self._limited(request, context)

    def _limited(self, message, context):
        if message.ByteSize() > self.max_message_bytes:
            context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, f"{message.ByteSize()} bytes")
        return message


def write_values(embedding: pb.Embedding, values: np.ndarray, format: int) -> None:
    """Writes a vector into an embedding in one of the API's formats."""
    if format == pb.EMBEDDING_FORMAT_FLOAT16:
        embedding.data = values.astype("<f2").tobytes()
    elif format == pb.EMBEDDING_FORMAT_INT8:
        embedding.scale = float(np.abs(values).max() / 127)
        embedding.data = np.rint(values / embedding.scale).astype(np.int8).tobytes()
    elif format == pb.EMBEDDING_FORMAT_BINARY:
        embedding.data = np.packbits(values > 0).tobytes()
    else:
        embedding.values.extend(values.tolist())


@contextmanager
def running(fake: FakeServer, address: str = "127.0.0.1:0") -> Iterator[FakeServer]:
    """Serves until the block ends; ``fake.address`` is the address."""
    server = grpc.server(ThreadPoolExecutor(max_workers=4))
    add_SciMultServicer_to_server(fake, server)
    port = server.add_insecure_port(address)
    fake.address = address.replace(":0", f":{port}")
    server.start()
    try:
        yield fake
    finally:
        server.stop(grace=None).wait()
