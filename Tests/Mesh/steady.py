"""Clients that call without pause and without retries of their own."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from threading import Event, Lock, Thread
from types import TracebackType

import grpc

from harness.calls import CALL_SECONDS_MAX, SERVICE, encode
from scimult._generated import scimult_pb2 as pb

CLIENTS = 6
STREAM_REQUESTS = 8

Connect = Callable[[], grpc.Channel]
#: Makes one call of a number, and says whether its answer is whole.
Ask = Callable[[grpc.Channel, int], bool]


def request(number: int) -> pb.EncodeRequest:
    """A text that no other number has."""
    return pb.EncodeRequest(
        request_id=str(number),
        task=pb.TASK_SEARCH,
        documents=[pb.Document(text=f"mixture of experts {number}")],
    )


def unary(channel: grpc.Channel, number: int) -> bool:
    reply = encode(channel, request(number))
    return reply.request_id == str(number) and len(reply.embeddings) == 1


def streamed(channel: grpc.Channel, number: int) -> bool:
    """A stream of several requests; each must be answered on it."""
    method = channel.stream_stream(
        f"/{SERVICE}/EncodeStream", pb.EncodeRequest.SerializeToString, pb.EncodeResponse.FromString
    )
    first = number * STREAM_REQUESTS
    requests = [request(first + place) for place in range(STREAM_REQUESTS)]
    replies = method(iter(requests), timeout=CALL_SECONDS_MAX)
    whole = {reply.request_id for reply in replies if len(reply.embeddings) == 1}
    return whole == {each.request_id for each in requests}


#: What each is called in the metrics.
METHODS = {unary: "Encode", streamed: "EncodeStream"}


class SteadyClients:
    """Several clients, each on a connection of its own, while the body of a with runs.

    At the end each call must have been answered.
    """

    def __init__(self, connect: Connect, clients: int = CLIENTS, ask: Ask = unary) -> None:
        self._connect = connect
        self._ask = ask
        self._numbers = count()
        self._stop = Event()
        self._lock = Lock()
        self._threads = [Thread(target=self._run) for _ in range(clients)]
        #: Calls that were answered.
        self.answered = 0
        self.failures: list[str] = []

    def __enter__(self) -> SteadyClients:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        if exception is None:
            assert not self.failures, (
                f"{len(self.failures)} failed, {self.answered} were answered: {self.failures[:3]}"
            )

    def wait_for(self, calls: int) -> None:
        """Returns after so many further answers, or failures."""
        end = self.answered + len(self.failures) + calls
        pause = Event()
        for _ in range(60_000):
            if self.answered + len(self.failures) >= end:
                return
            pause.wait(0.001)
        raise AssertionError(f"not {calls} calls in a minute")

    def _run(self) -> None:
        with self._connect() as channel:
            while not self._stop.is_set():
                fault = self._call(channel, next(self._numbers))
                with self._lock:
                    if fault:
                        self.failures.append(fault)
                    else:
                        self.answered += 1

    def _call(self, channel: grpc.Channel, number: int) -> str | None:
        """What went wrong with a call."""
        try:
            return None if self._ask(channel, number) else "an answer that is not whole"
        except grpc.RpcError as error:
            return f"{error.code()}: {error.details()}"
