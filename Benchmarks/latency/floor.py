"""The least that a server of this shape can take, measured with the client's own bytes."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.pinned_server import SERVER_CORE
from shared.processes import pinned

SOURCE = Path(__file__).with_name("loopback_floor.c")


class Floor:
    """A connection to `loopback_floor`."""

    def __init__(self, port: int, request: bytes, reply_bytes: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.request = request
        self.reply_bytes = reply_bytes

    def call_ns(self) -> int:
        """The time from the first byte sent to the last byte received."""
        start = time.perf_counter_ns()
        self.socket.sendall(self.request)
        received = 0
        while received < self.reply_bytes:
            received += len(self.socket.recv(1 << 16))
        return time.perf_counter_ns() - start


@contextmanager
def floor(folder: Path, request_bytes: int, reply_bytes: int, busy_us: int) -> Iterator[Floor]:
    """Compiled in a folder, and run on the server's core."""
    program = folder / "loopback_floor"
    subprocess.run(["cc", "-O2", "-pthread", "-o", str(program), str(SOURCE)], check=True)
    command = [str(program), str(request_bytes), str(reply_bytes), str(busy_us)]
    process = subprocess.Popen(pinned(command, {SERVER_CORE}), stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        yield Floor(port, bytes(request_bytes), reply_bytes)
    finally:
        process.terminate()
        process.wait()
