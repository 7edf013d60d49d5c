#!/usr/bin/env python3
"""Sends the same bytes to a server repeatedly, each time on a new connection.

    attacker.py HOST PORT FILE

Prints a line after the first attack. At SIGTERM, prints as JSON how many connections the server has
closed. It is a separate process, so that the measuring process does not wait for it. It has the
lowest priority, because a real attacker would not use CPU time of the server's machine.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from pathlib import Path

CLOSE_SECONDS_MAX = 20
PAUSE_SECONDS = 0.05

stopped = False


def stop(*_: object) -> None:
    """Ends the loop after the current attack."""
    global stopped
    stopped = True


def strike(host: str, port: int, octets: bytes) -> None:
    """Sends all bytes that the server accepts, and returns once the server has closed."""
    with socket.create_connection((host, port), CLOSE_SECONDS_MAX) as connection:
        try:
            connection.sendall(octets)
            while connection.recv(1 << 16):
                pass
        except TimeoutError:
            raise
        except OSError:
            # The server closed the connection first.
            pass


def main() -> None:
    host, port, file = sys.argv[1:]
    octets = Path(file).read_bytes()
    os.nice(19)
    signal.signal(signal.SIGTERM, stop)
    strike(host, int(port), octets)
    closed = 1
    print("at work", flush=True)
    while not stopped:
        time.sleep(PAUSE_SECONDS)
        strike(host, int(port), octets)
        closed += 1
    print(json.dumps(closed))


if __name__ == "__main__":
    main()
