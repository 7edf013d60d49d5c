"""A server that cannot open more files waits, and continues when it can."""

from __future__ import annotations

from harness.calls import encode, get_model
from harness.descriptors import LAUNCHER, busy_share, exhausted
from harness.innocent import REQUEST

CONNECTIONS = 200


def test_no_descriptor_is_left(start_server):
    server = start_server(launcher=LAUNCHER)
    with server.channel() as open_before:
        expected = encode(open_before, REQUEST)
        with exhausted(server, CONNECTIONS):
            for _ in range(20):
                assert encode(open_before, REQUEST) == expected
    with server.channel() as open_later:
        assert encode(open_later, REQUEST, wait_for_ready=True) == expected
        assert get_model(open_later).name == "tiny-expert"


def test_backs_off(start_server):
    server = start_server(launcher=LAUNCHER)
    with exhausted(server, CONNECTIONS):
        assert busy_share(server) < 0.05
