"""HAProxy's byte-by-byte health checks detect a replica's health."""

from __future__ import annotations

import signal
import time

import pytest

from haproxy import HAProxy
from open_stream import OpenStream

#: The replicas' names in haproxy.cfg.
NAMES = ("one", "two")

#: Longer than the checks that a replica must fail to be out of rotation.
SECONDS = 4


@pytest.fixture
def haproxy(replicas, trust, tmp_path):
    haproxy = HAProxy([replica.port for replica in replicas], trust.folder, tmp_path)
    yield haproxy
    haproxy.stop()


def test_replicas_that_serve_stay_in_rotation(haproxy, replicas):
    time.sleep(SECONDS)
    assert "DOWN" not in haproxy.log
    assert all(replica.answered(method="Check") >= SECONDS / 2 for replica in replicas)


def test_a_silent_replica_leaves_and_comes_back(haproxy, replicas):
    silent, _ = replicas
    silent.server.signal(signal.SIGSTOP)
    try:
        haproxy.wait_until(lambda: "scimult/one is DOWN" in haproxy.log, "it to be out")
    finally:
        silent.server.signal(signal.SIGCONT)
    haproxy.wait_until(lambda: "scimult/one is UP" in haproxy.log, "it to be back")
    assert "scimult/two is DOWN" not in haproxy.log


def test_a_replica_that_drains_leaves_while_its_open_stream_goes_on(haproxy, replicas, trust):
    with trust.channel(haproxy.address, trust.client) as channel, OpenStream(channel) as stream:
        assert stream.ask(1) == "1"
        ((name, draining),) = (
            (name, replica)
            for name, replica in zip(NAMES, replicas, strict=True)
            if replica.answered(method="EncodeStream")
        )
        draining.server.signal(signal.SIGTERM)
        haproxy.wait_until(lambda: f"scimult/{name} is DOWN" in haproxy.log, "it to be out")
        assert stream.ask(2) == "2"
        stream.end()
    assert draining.server.wait() == 0, draining.server.stderr
