"""Servers that are stopped while their clients send calls."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable

from .server import ServerProcess
from .workers import clients_at_work


def stop_under_load(start_server: Callable[..., ServerProcess], restarts: int) -> int:
    """Stops servers by SIGTERM; each call must be answered completely or must not have been sent.

    Returns the number of calls that were running.
    """
    moments = random.Random(20_260)
    in_flight = 0
    for _ in range(restarts):
        server = start_server("--threads", "1")
        clients = clients_at_work(server)
        time.sleep(moments.uniform(0, 0.05))
        signalled = time.monotonic()
        server.signal(signal.SIGTERM)
        for client in clients:
            client.join()
        assert server.wait() == 0, server.stderr
        for call in (call for client in clients for call in client.calls):
            assert call.is_complete or call.was_never_sent, call
            in_flight += call.is_complete and call.start < signalled < call.end
        assert all(client.calls[-1].was_never_sent for client in clients)
    return in_flight
