"""Malformed frames and messages, from a fixed seed, do not change answers to other clients."""

from __future__ import annotations

import pytest

from harness.calls import call
from harness.malformed import GOOD, REFUSALS, frame_sequence, message, outcome, send_and_hang_up

COUNT = 500


@pytest.fixture
def server(start_server):
    """Without a cache, so that each good answer is computed again."""
    return start_server("--cache-bytes", "0")


def test_sequences_of_frames(server):
    with server.channel() as beside:
        expected = call(beside, "Encode", GOOD)
        for seed in range(COUNT):
            send_and_hang_up(server, frame_sequence(seed))
        assert call(beside, "Encode", GOOD) == expected
    with server.channel() as later:
        assert call(later, "Encode", GOOD) == expected


def test_messages(server):
    with server.channel() as channel:
        expected = call(channel, "Encode", GOOD)
        outcomes = {outcome(channel, *message(seed)) for seed in range(COUNT)}
        assert outcomes <= REFUSALS
        assert call(channel, "Encode", GOOD) == expected
