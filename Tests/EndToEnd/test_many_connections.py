"""Many concurrent connections: all are served below the limits, and told to retry above them."""

from __future__ import annotations

from grpc import StatusCode

from harness.crowd import crowd

CONNECTIONS = 150


def test_all_are_served_under_the_limits(server):
    assert crowd(server, CONNECTIONS, 2, words=20) == {StatusCode.OK: 2 * CONNECTIONS}


def test_past_the_limits_they_are_told_to_come_back(start_server):
    server = start_server(
        *("--max-connections", f"{CONNECTIONS // 2}", "--max-queue-tokens", "2000"),
        *("--threads", "1", "--cache-bytes", "0"),
    )
    outcomes = crowd(server, CONNECTIONS, 2, words=200)
    assert set(outcomes) == {
        StatusCode.OK,
        StatusCode.RESOURCE_EXHAUSTED,
        StatusCode.UNAVAILABLE,
    }
    assert server.process.poll() is None
