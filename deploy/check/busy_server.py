"""Calls of every kind, good ones and bad, to a server that somebody measures."""

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
    """One call of each kind; a text of each round is in no other, so that the cache lacks it."""
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
    # The client's own fault, and what is larger than the server takes.
    failure(channel, "Encode", b"")
    failure(channel, "Encode", b"\0" * (message_bytes_max + 1))


@contextmanager
def busy(server: ServerProcess, message_bytes_max: int) -> Iterator[None]:
    """Sends rounds of calls to a server until the with statement ends; all of them must go well."""
    over = Event()
    failures: list[BaseException] = []

    def send() -> None:
        number = 0
        try:
            while not over.wait(PAUSE_SECONDS):
                # A connection a round: the metrics of connections move as well.
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
