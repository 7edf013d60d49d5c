#!/usr/bin/env python3
"""Strikes a server with the same bytes again and again, each time on another connection.

    attacker.py HOST PORT FILE

Prints a line when the first is over; at SIGTERM, how many connections the server has closed, as
JSON. A process of its own: the one that measures must not wait for it. As nice as can be, since a
real attacker would not take processor time from the server's machine.
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
    """Lets the strike that is under way be the last."""
    global stopped
    stopped = True


def strike(host: str, port: int, octets: bytes) -> None:
    """Sends all, as far as the server lets it, and returns when the server has closed."""
    with socket.create_connection((host, port), CLOSE_SECONDS_MAX) as connection:
        try:
            connection.sendall(octets)
            while connection.recv(1 << 16):
                pass
        except TimeoutError:
            raise
        except OSError:
            # The server was first to close it.
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
