"""Ports for servers whose addresses must be known before they start."""

from __future__ import annotations

import random
import socket
from pathlib import Path

_EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOWEST = 10_000
_TRIES = 1_000
_given: set[int] = set()


def free_port() -> int:
    """Returns a port without a listener, outside the range for connections; never the same twice.

    The kernel could give a port of that range to a connection while its server restarts: to any
    program, and even to the proxy that tries to connect to the server.
    """
    highest = int(_EPHEMERAL.read_text().split()[0]) - 1
    for _ in range(_TRIES):
        port = random.randint(_LOWEST, highest)
        if port in _given:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("0.0.0.0", port))
            except OSError:
                continue
        _given.add(port)
        return port
    raise AssertionError(f"no port is free between {_LOWEST} and {highest}")
