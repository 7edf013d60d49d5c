"""Clients that ask for megabytes and read nothing are ended for little memory."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from harness.attacks import opened, streams
from harness.frames import data, settings, window_update
from harness.innocent import InnocentClient
from harness.metrics import Metrics
from harness.raw_http2 import PREFACE
from harness.server import ServerProcess
from harness.wire import frame
from neighbour import RATIO_MAX, beside
from scimult._generated import scimult_pb2 as pb

#: What each leaves unread counts against --max-send-bytes, which all connections share.
CONNECTIONS = 2
CALLS = 40
GROWTH_BYTES_MAX = 32 << 20
STALL_SECONDS = 5
#: What they ask for is work like any other; what matters here is what is left of it unread.
WORK_SECONDS = 2
END_SECONDS_MAX = 20

WIDE = settings((4, (1 << 31) - 1)) + window_update(0, (1 << 31) - 1 - 65_535)


def question() -> bytes:
    """Calls whose answers, 250 KB each, are more than all buffers on the way hold."""
    texts = [pb.Document(text=f"kind {number}") for number in range(1_000)]
    message = frame(pb.EncodeRequest(task=pb.TASK_SEARCH, documents=texts).SerializeToString())
    calls = (
        opened(stream) + data(stream, message[: 1 << 14], 0) + data(stream, message[1 << 14 :])
        for stream in streams(CALLS)
    )
    return PREFACE + WIDE + b"".join(calls)


QUESTION = question()


@contextmanager
def unread(server: ServerProcess) -> Iterator[None]:
    with ExitStack() as stack:
        for _ in range(CONNECTIONS):
            client = stack.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            client.connect((server.host, server.port))
            client.sendall(QUESTION)
        time.sleep(WORK_SECONDS)
        yield


def refused(server: ServerProcess) -> float:
    return Metrics.of(server).value("scimult_refusals_total", reason="slow_reader")


def test_unread_answers(start_server, figures):
    server = start_server("--stall-seconds", f"{STALL_SECONDS}")
    with InnocentClient(server):
        server.reset_memory_peak()
        before = server.memory_bytes()
    with unread(server):
        end = time.monotonic() + END_SECONDS_MAX
        while refused(server) < CONNECTIONS:
            assert time.monotonic() < end, f"{refused(server)} of {CONNECTIONS} ended"
            time.sleep(0.1)
    best = beside(server, lambda: unread(server))
    growth = server.memory_peak_bytes() - before
    figures.record(
        f"{CONNECTIONS} clients that never read answers of 10 MB: each connection ends, growth "
        "under 32 MiB, an innocent client's p99 doubles at most",
        f"{refused(server):.0f} ended; {growth / (1 << 20):.1f} MiB; "
        f"p99 × {best.ratio:.2f} ({best.alone_ms:.1f} to {best.beside_ms:.1f} ms)",
    )
    assert growth < GROWTH_BYTES_MAX
    assert best.ratio <= RATIO_MAX
