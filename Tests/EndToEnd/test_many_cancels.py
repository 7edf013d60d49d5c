"""Calls that are cancelled at random times leave nothing behind."""

from __future__ import annotations

from harness.calls import encode
from harness.cancels import GAUGES, cancel_at_random, wait_until_idle
from harness.innocent import REQUEST, InnocentClient

COUNT = 300


def test_cancels_leave_nothing_behind(start_server):
    server = start_server("--threads", "1", "--cache-bytes", "0")
    with server.channel() as channel, InnocentClient(server):
        expected = encode(channel, REQUEST)
        assert cancel_at_random(server, COUNT, seed=20_260) > COUNT / 10
        assert encode(channel, REQUEST) == expected
    assert wait_until_idle(server) == dict.fromkeys(GAUGES, 0)
