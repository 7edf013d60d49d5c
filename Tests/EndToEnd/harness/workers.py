"""Clients that send calls until their server has stopped, and record each call's result."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from threading import Event, Thread

import grpc

from scimult._generated import scimult_pb2 as pb

from .calls import CALL_SECONDS_MAX, SERVICE
from .server import ServerProcess
from .texts import long_text

CLIENTS = 6
DOCUMENTS = 4


@dataclass(frozen=True)
class Call:
    """The result of a call."""

    start: float
    end: float
    code: grpc.StatusCode
    details: str
    #: Whether each request got a complete reply.
    is_complete: bool

    @property
    def was_never_sent(self) -> bool:
        """Whether no server took the call: calls that were sent fail with other messages."""
        return self.code is grpc.StatusCode.UNAVAILABLE and "Connection refused" in self.details


def work(number: int) -> pb.EncodeRequest:
    """Returns a unique request of some milliseconds of work."""
    texts = [pb.Document(text=f"{number} {place} {long_text(200)}") for place in range(DOCUMENTS)]
    return pb.EncodeRequest(request_id=str(number), task=pb.TASK_SEARCH, documents=texts)


Encode = Callable[[Sequence[pb.EncodeRequest]], Sequence[pb.EncodeResponse]]


def unary(channel: grpc.Channel) -> Encode:
    method = channel.unary_unary(
        f"/{SERVICE}/Encode", pb.EncodeRequest.SerializeToString, pb.EncodeResponse.FromString
    )
    return lambda requests: [method(each, timeout=CALL_SECONDS_MAX) for each in requests]


def streamed(channel: grpc.Channel) -> Encode:
    method = channel.stream_stream(
        f"/{SERVICE}/EncodeStream", pb.EncodeRequest.SerializeToString, pb.EncodeResponse.FromString
    )
    return lambda requests: list(method(iter(requests), timeout=CALL_SECONDS_MAX))


class Client:
    """Makes calls one after the other on one connection, until one fails."""

    def __init__(self, server: ServerProcess, number: int) -> None:
        self.calls: list[Call] = []
        self.is_at_work = Event()
        self._server = server
        self._numbers = count(number * 1_000_000)
        #: A stream with several requests, or a unary call.
        self._encode, self._requests = (streamed, 8) if number % 2 else (unary, 1)
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def join(self) -> None:
        self._thread.join(CALL_SECONDS_MAX)
        assert not self._thread.is_alive(), "a client hangs"

    def _run(self) -> None:
        with self._server.channel(retries=True) as channel:
            encode = self._encode(channel)
            while not self.calls or self.calls[-1].is_complete:
                self.calls.append(self._call(encode))
                self.is_at_work.set()

    def _call(self, encode: Encode) -> Call:
        requests = [work(next(self._numbers)) for _ in range(self._requests)]
        start = time.monotonic()
        try:
            replies = encode(requests)
        except grpc.RpcError as error:
            return Call(start, time.monotonic(), error.code(), error.details(), False)
        whole = {reply.request_id for reply in replies if len(reply.embeddings) == DOCUMENTS}
        is_complete = whole == {each.request_id for each in requests}
        return Call(start, time.monotonic(), grpc.StatusCode.OK, "", is_complete)


def clients_at_work(server: ServerProcess) -> list[Client]:
    """Returns clients that have each sent something."""
    clients = [Client(server, number) for number in range(CLIENTS)]
    for client in clients:
        assert client.is_at_work.wait(CALL_SECONDS_MAX)
    return clients
