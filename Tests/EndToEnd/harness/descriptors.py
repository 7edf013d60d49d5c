"""A server with a low limit of open files."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from .frames import settings
from .raw_http2 import PREFACE
from .server import ServerProcess

#: More than the server's own files need, but few.
FILES = 64

#: The start of a command that runs the rest of it with this limit.
LAUNCHER = ["sh", "-c", f'ulimit -n {FILES} && exec "$0" "$@"']


@contextmanager
def exhausted(server: ServerProcess, connections: int) -> Iterator[None]:
    """Holds more connections than the server can open, while the body runs."""
    with ExitStack() as stack:
        for _ in range(connections):
            connection = stack.enter_context(socket.create_connection((server.host, server.port)))
            connection.settimeout(10)
            try:
                connection.sendall(PREFACE + settings())
            except ConnectionError:
                continue
        yield


def busy_share(server: ServerProcess) -> float:
    """Returns the share of a core that an idle server uses."""
    # Waits until the server has accepted all connections that it can.
    time.sleep(0.5)
    before, begun = _cpu_seconds(server), time.monotonic()
    time.sleep(2)
    return (_cpu_seconds(server) - before) / (time.monotonic() - begun)


def _cpu_seconds(server: ServerProcess) -> float:
    """Returns the CPU time of all threads, without a connection to the server."""
    stat = Path(f"/proc/{server.process.pid}/stat").read_text()
    # After the name, which may contain spaces: the 14th and 15th fields.
    fields = stat.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
