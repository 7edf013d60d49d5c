"""Clients that call without pauses and without retries."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Event, Lock
from types import TracebackType

import grpc

from harness.calls import CALL_SECONDS_MAX, SERVICE, encode
from scimult._generated import scimult_pb2 as pb

CLIENTS = 6
STREAM_REQUESTS = 8
WAIT_SECONDS_MAX = 120

Connect = Callable[[], grpc.Channel]
#: Makes one numbered call, and returns whether its answer is complete.
Ask = Callable[[grpc.Channel, int], bool]


def request(number: int) -> pb.EncodeRequest:
    """Returns a text that is unique for each number."""
    return pb.EncodeRequest(
        request_id=str(number),
        task=pb.TASK_SEARCH,
        documents=[pb.Document(text=f"mixture of experts {number}")],
    )


def unary(channel: grpc.Channel, number: int) -> bool:
    reply = encode(channel, request(number))
    return reply.request_id == str(number) and len(reply.embeddings) == 1


def streamed(channel: grpc.Channel, number: int) -> bool:
    """Sends several requests on a stream; each must be answered."""
    method = channel.stream_stream(
        f"/{SERVICE}/EncodeStream", pb.EncodeRequest.SerializeToString, pb.EncodeResponse.FromString
    )
    first = number * STREAM_REQUESTS
    requests = [request(first + place) for place in range(STREAM_REQUESTS)]
    replies = method(iter(requests), timeout=CALL_SECONDS_MAX)
    whole = {reply.request_id for reply in replies if len(reply.embeddings) == 1}
    return whole == {each.request_id for each in requests}


#: The methods' names in the metrics.
METHODS = {unary: "Encode", streamed: "EncodeStream"}


class SteadyClients:
    """Several clients, each with a separate connection, within a with statement.

    At the end each call must have been answered, or have failed with an allowed status.
    """

    def __init__(
        self,
        connect: Connect,
        clients: int = CLIENTS,
        ask: Ask = unary,
        borne: Collection[grpc.StatusCode] = (),
    ) -> None:
        self._connect = connect
        self._clients = clients
        self._ask = ask
        self._borne = borne
        self._numbers = count()
        self._stop = Event()
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(clients)
        #: The number of answered calls.
        self.answered = 0
        #: The messages of failed calls.
        self.failures: list[str] = []
        self._unbearable = 0

    def __enter__(self) -> SteadyClients:
        self._runs = [self._pool.submit(self._run) for _ in range(self._clients)]
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._pool.shutdown()
        if exception is None:
            # Exceptions other than failures of calls are errors of the test.
            for run in self._runs:
                run.result()
            assert not self._unbearable, (
                f"{len(self.failures)} failed, {self.answered} were answered: {self.failures[:3]}"
            )

    def wait_for(self, calls: int) -> None:
        """Returns after this many further calls, answered or failed."""
        enough = self._ended + calls
        end = time.monotonic() + WAIT_SECONDS_MAX
        while self._ended < enough:
            assert time.monotonic() < end, f"not {calls} calls in {WAIT_SECONDS_MAX} seconds"
            time.sleep(0.001)

    @property
    def _ended(self) -> int:
        return self.answered + len(self.failures)

    def _run(self) -> None:
        with self._connect() as channel:
            while not self._stop.is_set():
                self._call(channel, next(self._numbers))

    def _call(self, channel: grpc.Channel, number: int) -> None:
        try:
            is_whole = self._ask(channel, number)
        except grpc.RpcError as error:
            self._fail(f"{error.code()}: {error.details()}", error.code() in self._borne)
            return
        if not is_whole:
            self._fail("an answer that is not whole", False)
            return
        with self._lock:
            self.answered += 1

    def _fail(self, what: str, is_borne: bool) -> None:
        with self._lock:
            self.failures.append(what)
            self._unbearable += not is_borne
