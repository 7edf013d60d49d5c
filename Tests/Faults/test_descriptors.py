"""A server that cannot open another file serves those it has, and goes on when it can."""

from __future__ import annotations

from harness.calls import encode
from harness.descriptors import FILES, LAUNCHER, cpu_seconds, exhausted
from harness.innocent import REQUEST
from neighbour import PHASE_SECONDS, RATIO_MAX, ROUNDS, beside

CONNECTIONS = 500


def test_descriptors(start_server, figures):
    server = start_server("--cache-bytes", "0", "--threads", "1", launcher=LAUNCHER)
    with server.channel() as channel:
        expected = encode(channel, REQUEST)
    with exhausted(server, CONNECTIONS):
        pass
    best = beside(server, lambda: exhausted(server, CONNECTIONS))
    busy = cpu_seconds(server)
    for _ in range(ROUNDS):
        with exhausted(server, CONNECTIONS), server.channel():
            pass
        with server.channel() as channel:
            assert encode(channel, REQUEST, wait_for_ready=True) == expected
    busy = cpu_seconds(server) - busy
    figures.record(
        f"{CONNECTIONS} connections to a server that may open {FILES} files: it backs off and goes "
        "on; an innocent client's p99 doubles at most",
        f"p99 × {best.ratio:.2f} ({best.alone_ms:.1f} to {best.beside_ms:.1f} ms); served again "
        f"after each of {2 * ROUNDS} times",
    )
    assert best.ratio <= RATIO_MAX
    assert busy < ROUNDS * PHASE_SECONDS
