"""A server that cannot open another file backs off, and goes on when it can."""

from __future__ import annotations

import time

from harness.calls import encode, get_model
from harness.descriptors import LAUNCHER, cpu_seconds, exhausted
from harness.innocent import REQUEST


def test_no_descriptor_is_left(start_server):
    server = start_server(launcher=LAUNCHER)
    with server.channel() as open_before:
        expected = encode(open_before, REQUEST)
        with exhausted(server, 200):
            for _ in range(20):
                assert encode(open_before, REQUEST) == expected
            busy = cpu_seconds(server)
            time.sleep(1)
            assert cpu_seconds(server) - busy < 0.5, "the server tries without a pause"
    with server.channel() as open_later:
        assert encode(open_later, REQUEST, wait_for_ready=True) == expected
        assert get_model(open_later).name == "tiny-expert"
