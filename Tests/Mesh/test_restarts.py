"""Replicas restart, crash, or close connections, and clients behind a proxy continue."""

from __future__ import annotations

import signal
import time

import grpc
import pytest

from haproxy import HAProxy
from harness.metrics import Metrics
from nginx import Nginx
from open_stream import OpenStream
from steady import METHODS, SteadyClients, streamed, unary

ROUNDS = 2

#: How a stream ends when its connection is closed after the grace period. Without a proxy the
#: client gets UNAVAILABLE; proxies reset a stream whose answer has begun.
ENDED = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.INTERNAL, grpc.StatusCode.CANCELLED}


@pytest.mark.parametrize("ask", [unary, streamed])
def test_a_rolling_restart_fails_no_call(proxy, replicas, trust, ask):
    with SteadyClients(lambda: trust.channel(proxy.address, trust.client), ask=ask) as clients:
        clients.wait_for(50)
        for _ in range(ROUNDS):
            for replica in replicas:
                # Fails unless the replica's exit code is 0.
                replica.restart()
                proxy.wait_until(
                    lambda replica=replica: replica.answered(method=METHODS[ask]) > 0,
                    "it to be back",
                )
        clients.wait_for(50)


def test_when_a_replica_is_killed_unary_calls_go_on(proxy, replicas, trust):
    # No call fails, except with nginx, which does not repeat a call of which it has already sent a
    # part.
    borne = {grpc.StatusCode.UNAVAILABLE} if isinstance(proxy, Nginx) else set()
    with SteadyClients(lambda: trust.channel(proxy.address, trust.client), borne=borne) as clients:
        clients.wait_for(50)
        for replica in replicas:
            replica.server.kill()
            clients.wait_for(300)
            replica.start_again()
            proxy.wait_until(lambda replica=replica: replica.answered() > 0, "it to be back")


def test_a_stream_that_its_client_ends_in_time_ends_well(start_replica, start_proxy, trust):
    replicas = [start_replica("--drain-seconds", "60") for _ in range(2)]
    proxy = start_proxy(*replicas)
    with trust.channel(proxy.address, trust.client) as channel, OpenStream(channel) as stream:
        stream.ask(1)
        for replica in replicas:
            replica.server.signal(signal.SIGTERM)
        assert [stream.ask(number) for number in range(2, 20)] == [str(n) for n in range(2, 20)]
        stream.end()
        assert [replica.server.wait() for replica in replicas] == [0, 0]


def test_a_stream_that_outlasts_the_grace_fails_and_can_be_begun_again(
    start_replica, start_proxy, trust
):
    replicas = [start_replica("--drain-seconds", "1") for _ in range(2)]
    proxy = start_proxy(*replicas)
    with trust.channel(proxy.address, trust.client) as channel:
        with OpenStream(channel) as stream:
            stream.ask(1)
            for replica in replicas:
                replica.restart()
            assert stream.wait_for_the_end() in ENDED
        with SteadyClients(lambda: trust.channel(proxy.address, trust.client), 1) as clients:
            proxy.wait_until(lambda: all(each.answered() for each in replicas), "both to be back")
        assert clients.answered
        # The client sends requests without an answer again on another stream.
        with OpenStream(channel) as again:
            assert again.ask(2) == "2"
            again.end()


@pytest.mark.parametrize("option", ["--max-connection-age-seconds", "--idle-seconds"])
def test_connections_that_replicas_end_fail_no_call(start_replica, start_proxy, trust, option):
    replicas = [start_replica(option, "1") for _ in range(2)]
    proxy = start_proxy(*replicas)
    number = 0
    end = time.monotonic() + 6
    with trust.channel(proxy.address, trust.client) as channel:
        while time.monotonic() < end:
            # Calls arrive at various times before the end of a connection.
            for _ in range(20):
                assert unary(channel, number)
                number += 1
            if option == "--idle-seconds":
                time.sleep(0.9 + number % 7 * 0.05)
    for replica in replicas:
        # HAProxy opens a connection for each health check.
        checks = replica.answered(method="Check") if isinstance(proxy, HAProxy) else 0
        assert Metrics.of(replica.server).value("scimult_connections_total") - checks > 2


def test_a_quiet_connection_answers_the_pings_of_replicas(start_replica, start_proxy, trust):
    replicas = [start_replica("--keepalive-seconds", "1") for _ in range(2)]
    proxy = start_proxy(*replicas)
    with trust.channel(proxy.address, trust.client) as channel, OpenStream(channel) as stream:
        assert stream.ask(1) == "1"
        # The time for which an unresponsive client would be allowed to stay silent.
        time.sleep(23)
        assert stream.ask(2) == "2"
        stream.end()
        assert unary(channel, 3)
