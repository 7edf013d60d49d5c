"""Hundreds of jumps of the wall clock change neither deadlines nor answers."""

from __future__ import annotations

import random
import time

import pytest

from harness.calls import encode
from harness.clock import NoFakeClock, WallClock, remove_left_behind
from harness.innocent import REQUEST, InnocentClient
from harness.metrics import Metrics

JUMPS = 300
PAUSE_SECONDS = 0.1
TEN_YEARS = 10 * 365 * 24 * 3_600


def test_clock(tmp_path, start_server, figures):
    try:
        clock = WallClock(tmp_path)
    except NoFakeClock as reason:
        pytest.skip(str(reason))
    chance = random.Random(20_260)
    times = ("--idle-seconds", "60", "--keepalive-seconds", "60")
    server = start_server(*times, "--cache-bytes", "0", **clock.start)
    with server.channel() as quiet, InnocentClient(server) as client:
        expected = encode(quiet, REQUEST)
        for _ in range(JUMPS):
            clock.turn(chance.uniform(-TEN_YEARS, TEN_YEARS))
            time.sleep(PAUSE_SECONDS)
        assert encode(quiet, REQUEST, timeout=10) == expected
        connections = Metrics.of(server).value("scimult_connections_total")
    server.stop()
    remove_left_behind()
    figures.record(
        "jumps of the clock on the wall: no deadline, no connection and no answer notices",
        f"{JUMPS} jumps of up to ten years during {len(client.seconds):,} calls, none failed",
    )
    assert connections == 3, "a connection was lost"
