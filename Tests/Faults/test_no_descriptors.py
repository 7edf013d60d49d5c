"""A server that cannot open more files serves open connections, and recovers when it can."""

from __future__ import annotations

from harness.calls import encode
from harness.descriptors import FILES, LAUNCHER, busy_share, exhausted
from harness.innocent import REQUEST
from neighbour import RATIO_MAX, ROUNDS, beside

CONNECTIONS = 500
BUSY_SHARE_MAX = 0.05


def test_descriptors(start_server, figures):
    server = start_server("--cache-bytes", "0", "--threads", "1", launcher=LAUNCHER)
    with server.channel() as channel:
        expected = encode(channel, REQUEST)
    with exhausted(server, CONNECTIONS):
        busy = busy_share(server)
    best = beside(server, lambda: exhausted(server, CONNECTIONS))
    with server.channel() as channel:
        assert encode(channel, REQUEST, wait_for_ready=True) == expected
    figures.record(
        f"{CONNECTIONS} connections to a server that may open {FILES} files: it waits without "
        "taking processor time, an innocent client's p99 doubles at most, and it goes on",
        f"served again after each of {ROUNDS + 1} times; {busy:.0%} of a core; "
        f"p99 × {best.ratio:.2f} ({best.alone_ms:.1f} to {best.beside_ms:.1f} ms)",
    )
    assert busy < BUSY_SHARE_MAX
    assert best.ratio <= RATIO_MAX
