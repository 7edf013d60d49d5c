"""A replica that cannot serve leaves the rotation, and later returns to it."""

from __future__ import annotations

import signal

from open_stream import OpenStream
from steady import SteadyClients


def test_a_replica_that_dies_leaves_and_comes_back(envoy, replicas, trust):
    dead, left = replicas
    with SteadyClients(lambda: trust.channel(envoy.address, trust.client)) as clients:
        clients.wait_for(50)
        dead.server.kill()
        envoy.wait_until(
            lambda: "failed_active_health_check" in envoy.faults()[dead.port], "a failed check"
        )
        assert envoy.in_rotation() == {left.port}
        clients.wait_for(50)
        dead.start_again()
        envoy.wait_until(lambda: len(envoy.in_rotation()) == 2, "it to be back")
        clients.wait_for(200)
    assert dead.answered() > 0


def test_a_replica_that_drains_leaves_while_its_open_stream_goes_on(
    start_replica, start_envoy, trust
):
    replicas = [start_replica("--drain-seconds", "60") for _ in range(2)]
    envoy = start_envoy(*replicas)
    with trust.channel(envoy.address, trust.client) as channel, OpenStream(channel) as stream:
        assert stream.ask(1) == "1"
        (draining,) = (each for each in replicas if each.answered(method="EncodeStream"))
        (other,) = (each for each in replicas if each is not draining)
        draining.server.signal(signal.SIGTERM)
        envoy.wait_until(lambda: envoy.in_rotation() == {other.port}, "the draining one to be out")
        assert draining.server.process.poll() is None
        with SteadyClients(lambda: trust.channel(envoy.address, trust.client)) as clients:
            clients.wait_for(50)
        assert stream.ask(2) == "2"
        stream.end()
        assert draining.server.wait() == 0, draining.server.stderr


def test_a_silent_replica_is_found_by_its_health_checks(envoy, replicas):
    silent, left = replicas
    silent.server.signal(signal.SIGSTOP)
    try:
        envoy.wait_until(lambda: envoy.in_rotation() == {left.port}, "the silent one to be out")
    finally:
        silent.server.signal(signal.SIGCONT)
    envoy.wait_until(lambda: len(envoy.in_rotation()) == 2, "it to be back")
