"""A thousand connections: no failure below the limits, and above them only requests to retry."""

from __future__ import annotations

import resource

from grpc import StatusCode

from harness.crowd import crowd

CONNECTIONS = 1_000
CALLS = 3

PAST_LIMITS = {StatusCode.OK, StatusCode.RESOURCE_EXHAUSTED, StatusCode.UNAVAILABLE}


def test_connections(start_server, figures):
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert files > 2 * CONNECTIONS, "see ulimit -n"
    under = crowd(start_server("--cache-bytes", "0"), CONNECTIONS, CALLS, words=20)
    narrow = start_server(
        *("--max-connections", f"{CONNECTIONS // 2}", "--max-queue-tokens", "10000"),
        *("--threads", "1", "--cache-bytes", "0"),
    )
    past = crowd(narrow, CONNECTIONS, CALLS, words=200)
    figures.record(
        f"{CONNECTIONS:,} connections: no failure under the limits",
        ", ".join(f"{count:,} {code.name}" for code, count in under.most_common()),
    )
    figures.record(
        f"{CONNECTIONS:,} connections past the limits: only RESOURCE_EXHAUSTED or UNAVAILABLE",
        ", ".join(f"{count:,} {code.name}" for code, count in past.most_common()),
    )
    assert under == {StatusCode.OK: CONNECTIONS * CALLS}
    assert set(past) == PAST_LIMITS
    assert narrow.process.poll() is None
