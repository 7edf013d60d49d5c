"""HAProxy's health checks, byte by byte, hear the health of a replica."""

from __future__ import annotations

import signal
import time

import pytest

from haproxy import HAProxy

#: More than the checks that a replica must fail to be out.
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
