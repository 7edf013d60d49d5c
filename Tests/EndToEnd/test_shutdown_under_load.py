"""Servers that are stopped under load, `--restarts` of them, fail no running request."""

from __future__ import annotations

import signal

from harness.http2 import Http2Connection, grpc_headers
from harness.stops import stop_under_load
from harness.workers import clients_at_work


def test_no_request_in_flight_fails(start_server, restarts):
    assert stop_under_load(start_server, restarts) >= restarts, "too little was in flight"


def test_second_signal_stops_at_once(start_server, restarts):
    for _ in range(restarts):
        server = start_server("--threads", "1", "--drain-seconds", "600")
        clients = clients_at_work(server)
        with Http2Connection(server) as open_call:
            open_call.open(grpc_headers("Encode"), b"\0", end=False)
            open_call.ping()
            server.signal(signal.SIGTERM)
            open_call.read_until_goaway()
            assert server.insist(signal.SIGTERM) == 1, server.stderr
        for client in clients:
            client.join()
