"""Clients that request megabytes and read nothing are disconnected at little cost of memory."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from harness.attacks import opened, streams
from harness.frames import data, settings, window_update
from harness.innocent import InnocentClient
from harness.metrics import Metrics
from harness.raw_http2 import PREFACE
from harness.server import ServerProcess
from harness.wire import frame
from neighbour import RATIO_MAX, beside
from scimult._generated import scimult_pb2 as pb

#: Each one's unread answers count towards --max-send-bytes, which all connections share.
CONNECTIONS = 2
CALLS = 160
#: The number of calls sent at once, and the server's time between them.
CALLS_AT_ONCE = 4
PAUSE_SECONDS = 0.05
GROWTH_BYTES_MAX = 32 << 20
STALL_SECONDS = 5
END_SECONDS_MAX = 20

#: Where unread answers wait: in the socket, or for a window.
WINDOWS = {
    "wide": settings((4, (1 << 31) - 1)) + window_update(0, (1 << 31) - 1 - 65_535),
    "shut": settings((4, 0)),
}


def questions() -> list[bytes]:
    """Returns calls whose answers, 250 KB each, exceed all buffers on the way."""
    texts = [pb.Document(text=f"kind {number}") for number in range(1_000)]
    message = frame(pb.EncodeRequest(task=pb.TASK_SEARCH, documents=texts).SerializeToString())
    return [
        opened(stream) + data(stream, message[: 1 << 14], 0) + data(stream, message[1 << 14 :])
        for stream in streams(CALLS)
    ]


QUESTIONS = questions()


@contextmanager
def unread(server: ServerProcess, windows: bytes) -> Iterator[None]:
    with ExitStack() as stack:
        clients = [stack.enter_context(socket.socket()) for _ in range(CONNECTIONS)]
        for client in clients:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            client.connect((server.host, server.port))
            client.sendall(PREFACE + windows)
        for begin in range(0, CALLS, CALLS_AT_ONCE):
            for client in clients:
                client.sendall(b"".join(QUESTIONS[begin : begin + CALLS_AT_ONCE]))
            time.sleep(PAUSE_SECONDS)
        yield


def refused(server: ServerProcess) -> float:
    return Metrics.of(server).value("scimult_refusals_total", reason="slow_reader")


@pytest.mark.parametrize("windows", WINDOWS)
def test_unread_answers(start_server, figures, windows):
    server = start_server("--stall-seconds", f"{STALL_SECONDS}")
    with InnocentClient(server):
        server.reset_memory_peak()
        before = server.memory_bytes()
    with unread(server, WINDOWS[windows]):
        end = time.monotonic() + END_SECONDS_MAX
        while refused(server) < CONNECTIONS:
            assert time.monotonic() < end, f"{refused(server)} of {CONNECTIONS} ended"
            time.sleep(0.1)
    best = beside(server, lambda: unread(server, WINDOWS[windows]))
    growth = server.memory_peak_bytes() - before
    figures.record(
        f"{CONNECTIONS} clients that never read answers of 40 MB, with windows that are {windows}: "
        "each stream ends, growth under 32 MiB, an innocent client's p99 doubles at most",
        f"{refused(server):.0f} ended; {growth / (1 << 20):.1f} MiB; "
        f"p99 × {best.ratio:.2f} ({best.alone_ms:.1f} to {best.beside_ms:.1f} ms)",
        f"make fault FAULTS='test_unread_answers and {windows}'",
    )
    assert growth < GROWTH_BYTES_MAX
    assert best.ratio <= RATIO_MAX
