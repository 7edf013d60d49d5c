"""Encode on grpcio without an encoder: the minimum cost of a Python server."""

from __future__ import annotations

import argparse
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc

from scimult._generated import scimult_pb2 as pb
from scimult._generated.scimult_pb2_grpc import SciMultServicer, add_SciMultServicer_to_server

THREADS = 8
"""More threads do not answer more calls per second on one core."""


class ConstantServicer(SciMultServicer):
    """Answers Encode with an embedding that is made at the start."""

    def __init__(self, dimensions: int) -> None:
        self.embedding = pb.Embedding(values=[dimensions**-0.5] * dimensions)

    def Encode(self, request: pb.EncodeRequest, context: Any) -> pb.EncodeResponse:
        """Returns one embedding for each document."""
        return pb.EncodeResponse(embeddings=[self.embedding] * len(request.documents))


def main() -> None:
    """Serves until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--dimensions", type=int, required=True)
    parser.add_argument("--address", required=True)
    given = parser.parse_args()

    server = grpc.server(ThreadPoolExecutor(THREADS))
    add_SciMultServicer_to_server(  # type: ignore[no-untyped-call]
        ConstantServicer(given.dimensions), server
    )
    server.add_insecure_port(given.address)
    signal.signal(signal.SIGTERM, lambda *_: server.stop(grace=None))
    server.start()
    server.wait_for_termination()


if __name__ == "__main__":
    main()
