"""Ten thousand calls that are cancelled at random times leave nothing behind."""

from __future__ import annotations

from harness.calls import encode
from harness.cancels import GAUGES, cancel_at_random, wait_until_idle
from harness.innocent import REQUEST, InnocentClient

COUNT = 10_000


def test_cancels(start_server, figures):
    server = start_server("--threads", "1", "--cache-bytes", "0", "--log-level", "error")
    with server.channel() as channel, InnocentClient(server):
        expected = encode(channel, REQUEST)
        left = cancel_at_random(server, COUNT, seed=20_260)
        assert encode(channel, REQUEST) == expected
    gauges = wait_until_idle(server)
    figures.record(
        f"{COUNT:,} cancels at random moments: gauges back to 0",
        f"{left:,} calls left before their answer; "
        + ", ".join(f"{name} {value:.0f}" for name, value in gauges.items()),
    )
    assert left > COUNT / 10
    assert gauges == dict.fromkeys(GAUGES, 0)
