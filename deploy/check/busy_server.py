"""Sends valid and invalid calls of every kind to a server whose metrics are checked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import grpc

from harness.calls import SERVICE, encode, failure, get_model, rank
from harness.server import ServerProcess
from harness.texts import long_text
from scimult._generated import scimult_pb2 as pb

PAUSE_SECONDS = 0.1

TASKS = (pb.TASK_CLASSIFICATION, pb.TASK_LINK_PREDICTION, pb.TASK_SEARCH)


def documents(*texts: str) -> list[pb.Document]:
    return [pb.Document(text=text) for text in texts]


def stream(channel: grpc.Channel, method: str, request: bytes) -> None:
    """Sends a request twice on one stream, and reads the replies."""
    open_stream: Any = channel.stream_stream
    replies = list(open_stream(f"/{SERVICE}/{method}")(iter([request, request]), timeout=60))
    assert len(replies) == 2


def serve_round(channel: grpc.Channel, number: int, message_bytes_max: int) -> None:
    """Sends one call of each kind, with texts that are not in the cache from other rounds."""
    for task in TASKS:
        texts = documents("cells", f"cell number {number} of {task}", long_text(600))
        encode(channel, pb.EncodeRequest(documents=texts, task=task))
    query = pb.Document(text="cells")
    candidates = documents("tissue", "stars")
    ranking = pb.RankRequest(query=query, candidates=candidates, task=pb.TASK_SEARCH)
    rank(channel, ranking)
    get_model(channel)
    encoding = pb.EncodeRequest(documents=documents("cells"), task=pb.TASK_SEARCH)
    stream(channel, "EncodeStream", encoding.SerializeToString())
    stream(channel, "RankStream", ranking.SerializeToString())
    # An error of the client, and a message larger than the limit.
    failure(channel, "Encode", b"")
    failure(channel, "Encode", b"\0" * (message_bytes_max + 1))


@contextmanager
def busy(server: ServerProcess, message_bytes_max: int) -> Iterator[None]:
    """Sends rounds of calls until the with statement ends. Each call must end as expected."""
    over = Event()
    failures: list[BaseException] = []

    def send() -> None:
        number = 0
        try:
            while not over.wait(PAUSE_SECONDS):
                # A new connection for each round, so that the metrics of connections change too.
                with server.channel() as channel:
                    serve_round(channel, number, message_bytes_max)
                number += 1
        except BaseException as error:
            failures.append(error)

    thread = Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    assert not failures, failures
