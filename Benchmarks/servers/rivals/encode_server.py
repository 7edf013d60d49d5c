"""scimult's API over an alternative engine, as a good engineer would write it in an afternoon.

It uses grpcio, Hugging Face's tokenizers, a queue that joins requests, and batches of texts with
similar lengths. The synchronous server answers more calls per second than the one on asyncio.
"""

from __future__ import annotations

import argparse
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
from embedder import PLANS, Embedder
from micro_batcher import MicroBatcher

from scimult._generated import scimult_pb2 as pb
from scimult._generated.scimult_pb2_grpc import SciMultServicer, add_SciMultServicer_to_server

CALLS_MAX = 64
"""Maximum number of concurrent calls; others wait."""


class EncodeServicer(SciMultServicer):
    """Answers Encode with float32 vectors of length one."""

    def __init__(self, batcher: MicroBatcher, name: str) -> None:
        self.batcher = batcher
        self.name = name

    def Encode(self, request: pb.EncodeRequest, context: Any) -> pb.EncodeResponse:
        """Embeds the texts of a request."""
        vectors, tokens = self.batcher.embed([document.text for document in request.documents])
        embeddings = [
            pb.Embedding(id=document.id, values=vector, tokens=count)
            for document, vector, count in zip(
                request.documents, vectors.tolist(), tokens, strict=True
            )
        ]
        return pb.EncodeResponse(
            request_id=request.request_id, model=self.name, embeddings=embeddings
        )


def main() -> None:
    """Serves until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", choices=PLANS, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--calibration", type=Path, required=True)
    parser.add_argument("--address", required=True)
    given = parser.parse_args()

    plan = PLANS[given.engine]
    embedder = Embedder.load(given.model, given.cache, given.calibration, plan)
    server = grpc.server(ThreadPoolExecutor(CALLS_MAX))
    servicer = EncodeServicer(MicroBatcher(embedder), given.model.name)
    add_SciMultServicer_to_server(servicer, server)  # type: ignore[no-untyped-call]
    server.add_insecure_port(given.address)
    signal.signal(signal.SIGTERM, lambda *_: server.stop(grace=None))
    server.start()
    server.wait_for_termination()


if __name__ == "__main__":
    main()
