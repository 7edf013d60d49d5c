"""Jumps of the wall clock change neither deadlines nor answers."""

from __future__ import annotations

import datetime
import json
import time
from collections.abc import Iterator

import grpc
import pytest

from harness.calls import encode, failure
from harness.clock import NoFakeClock, WallClock, remove_left_behind
from harness.innocent import REQUEST, InnocentClient
from harness.texts import long_request

pytestmark = pytest.mark.preloads

HOUR = 3_600
YEAR = 365 * 24 * HOUR

JUMPS = [HOUR, -HOUR, YEAR, -YEAR, 10 * YEAR, 0]


@pytest.fixture
def clock(tmp_path) -> Iterator[WallClock]:
    try:
        yield WallClock(tmp_path)
    except NoFakeClock as reason:
        pytest.skip(str(reason))
    remove_left_behind()


def test_calls_do_not_notice_jumps(clock, start_server):
    times = ("--idle-seconds", "30", "--keepalive-seconds", "30")
    server = start_server(*times, **clock.start)
    with server.channel() as quiet, InnocentClient(server):
        expected = encode(quiet, REQUEST)
        for jump in JUMPS:
            clock.turn(jump)
            time.sleep(0.2)
            assert encode(quiet, REQUEST, timeout=10) == expected


@pytest.mark.parametrize("jump", [YEAR, -YEAR])
def test_deadlines_hold_across_a_jump(clock, start_server, jump):
    server = start_server("--threads", "1", **clock.start)
    with server.channel() as channel:
        encode(channel, REQUEST)
        clock.turn(jump)
        begun = time.monotonic()
        late = failure(channel, "Encode", long_request(1_000), timeout=0.2)
        assert late.code is grpc.StatusCode.DEADLINE_EXCEEDED
        assert time.monotonic() - begun < 5
        assert len(encode(channel, REQUEST, timeout=20).embeddings) == 2


def test_the_clock_is_really_turned(clock, start_server):
    """The log shows the time of day, so the server really reads the clock that the tests change."""
    clock.turn(10 * YEAR)
    server = start_server("--log-format", "json", **clock.start)
    server.stop()
    written = json.loads(server.stderr.splitlines()[-1])["time"]
    year = datetime.datetime.fromisoformat(written).year
    assert year >= datetime.date.today().year + 9
