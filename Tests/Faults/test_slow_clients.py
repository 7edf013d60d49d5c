"""Hundreds of intentionally slow clients are disconnected, and delay no other client."""

from __future__ import annotations

import pytest

from harness.metrics import Metrics
from hostile import hostile
from neighbour import RATIO_MAX, beside

CONNECTIONS = 200
GROWTH_BYTES_MAX = 32 << 20

#: Seconds; the defaults are ten and more.
TIMES = ["--preface-seconds", "2", "--header-seconds", "2", "--stall-seconds", "2"]

#: Of these, the kinds whose call ends while its connection stays idle.
IDLE = {"message": "4", "window": "4"}

#: The kind of slowness, and the reason in the metric.
KINDS = {
    "preface": ("a preface byte by byte", "slow_preface"),
    "headers": ("a header block byte by byte", "slow_headers"),
    "message": ("a message byte by byte", "slow_message"),
    "window": ("a window that stays shut", "slow_reader"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_slow_clients(start_server, figures, kind):
    name, reason = KINDS[kind]
    server = start_server("--cache-bytes", "0", *TIMES, "--idle-seconds", IDLE.get(kind, "60"))
    ended: list[int] = []

    def slow_clients():
        return hostile("slow_attacker.py", server, kind, f"{CONNECTIONS}", findings=ended)

    with slow_clients():
        pass
    server.reset_memory_peak()
    before = server.memory_bytes()
    best = beside(server, slow_clients)
    growth = server.memory_peak_bytes() - before
    refused = Metrics.of(server).value("scimult_refusals_total", reason=reason)
    figures.record(
        f"{name}, {CONNECTIONS} at once: each connection ends, growth under 32 MiB, an innocent "
        "client's p99 doubles at most",
        f"{sum(ended)} of {sum(ended)} ended; {growth / (1 << 20):.1f} MiB; "
        f"p99 × {best.ratio:.2f} ({best.alone_ms:.1f} to {best.beside_ms:.1f} ms)",
        f"make fault FAULTS='test_slow_clients and {kind}'",
    )
    assert sum(ended) >= CONNECTIONS
    assert refused >= CONNECTIONS
    assert growth < GROWTH_BYTES_MAX
    assert best.ratio <= RATIO_MAX
