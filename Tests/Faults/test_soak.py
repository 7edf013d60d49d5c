"""Many minutes of all kinds of calls, one in a hundred of them a fault: memory stays flat."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from itertools import count
from threading import Event, Thread

import grpc
import pytest

from harness.calls import SERVICE, encode, rank
from harness.malformed import GOOD, RANKING
from harness.metrics import Metrics
from harness.misdeeds import MISDEEDS
from harness.server import ServerProcess
from scimult._generated import scimult_pb2 as pb

CLIENTS = 4
FAULTS = 0.01
#: Between two calls of a client, because clients and server share the machine.
PAUSE_SECONDS = 0.005
SAMPLE_SECONDS = 2
#: A channel is closed and replaced after this many calls.
CALLS_OF_A_CHANNEL = 1_000
GROWTH_BYTES_MAX = 16 << 20
OPTIONS = ["--cache-bytes", f"{4 << 20}", "--log-level", "error"]


def fresh(number: int) -> pb.EncodeRequest:
    """Returns texts that no cache contains."""
    texts = [f"{number} cells of kind {place}" for place in range(1 + number % 5)]
    return pb.EncodeRequest(
        request_id=str(number),
        task=pb.TASK_CLASSIFICATION,
        documents=[pb.Document(text=text) for text in texts],
    )


class Worker:
    """Makes calls of all kinds, one after the other, until it is stopped."""

    def __init__(self, server: ServerProcess, seed: int, stop: Event) -> None:
        self.calls = self.faults = 0
        self.wrong: list[str] = []
        self._server = server
        self._chance = random.Random(seed)
        self._numbers = count(seed << 32)
        self._stop = stop
        self._thread = Thread(target=self._run)
        self._thread.start()

    def join(self) -> None:
        self._thread.join()

    def _run(self) -> None:
        with self._server.channel() as channel:
            encoded, ranked = encode(channel, GOOD), rank(channel, RANKING)
        while not self._stop.is_set() and not self.wrong:
            with self._server.channel() as channel:
                kinds: list[Callable[[], bool]] = [
                    lambda: encode(channel, GOOD) == encoded,
                    lambda: rank(channel, RANKING) == ranked,
                    lambda: self._encode_fresh(channel),
                    lambda: self._stream(channel),
                ]
                self._call_until_stop(channel, kinds)

    def _call_until_stop(self, channel: grpc.Channel, kinds: list[Callable[[], bool]]) -> None:
        for _ in range(CALLS_OF_A_CHANNEL):
            if self._stop.is_set():
                return
            self.calls += 1
            try:
                if self._chance.random() < FAULTS:
                    self.faults += 1
                    self._chance.choice(MISDEEDS)(self._server, channel, self._chance)
                elif not self._chance.choice(kinds)():
                    self.wrong.append("another answer")
            except Exception as error:
                self.wrong.append(repr(error))
                return
            time.sleep(PAUSE_SECONDS)

    def _encode_fresh(self, channel: grpc.Channel) -> bool:
        request = fresh(next(self._numbers))
        return len(encode(channel, request).embeddings) == len(request.documents)

    def _stream(self, channel: grpc.Channel) -> bool:
        requests = [fresh(next(self._numbers)) for _ in range(5)]
        method = channel.stream_stream(
            f"/{SERVICE}/EncodeStream",
            pb.EncodeRequest.SerializeToString,
            pb.EncodeResponse.FromString,
        )
        replies = {reply.request_id for reply in method(iter(requests), timeout=60)}
        return replies == {request.request_id for request in requests}


@pytest.mark.soak
def test_soak(start_server, figures, minutes):
    server = start_server(*OPTIONS)
    stop = Event()
    workers = [Worker(server, seed, stop) for seed in range(CLIENTS)]
    memory: list[int] = []
    descriptors: list[float] = []
    end = time.monotonic() + minutes * 60
    while time.monotonic() < end and not any(worker.wrong for worker in workers):
        time.sleep(SAMPLE_SECONDS)
        memory.append(server.memory_bytes())
        descriptors.append(Metrics.of(server).value("process_open_fds"))
    stop.set()
    for worker in workers:
        worker.join()
    assert not [wrong for worker in workers for wrong in worker.wrong]
    growth = largest_of_a_fifth(memory, 4) - largest_of_a_fifth(memory, 1)
    files = largest_of_a_fifth(descriptors, 4) - largest_of_a_fifth(descriptors, 1)
    calls = sum(worker.calls for worker in workers)
    faults = sum(worker.faults for worker in workers)
    figures.record(
        f"soak of {minutes:.0f} minutes, 1 % of the calls faults: no wrong answer, memory flat",
        f"{calls:,} calls, {faults:,} of them faults; memory {memory[len(memory) // 5] >> 20} MiB "
        f"after a fifth of the time, at most {growth / (1 << 20):+.1f} MiB in the last fifth",
        f"make soak MINUTES={minutes:.0f}",
    )
    assert growth < GROWTH_BYTES_MAX
    assert files <= 4 * CLIENTS


def largest_of_a_fifth(values: list[int] | list[float], fifth: int) -> float:
    """Returns the maximum of one of five equal parts, counted from 0; the first is the warm-up."""
    part = len(values) // 5
    return max(values[part * fifth : part * (fifth + 1)])
