"""Calls go to the replica with the fewest running calls, over HTTP/2."""

from __future__ import annotations

from harness.proxy import Harm, Proxy
from steady import SteadyClients

CALLS = 600
SLOWER_SECONDS = 0.1


def test_both_replicas_get_their_share(envoy, replicas, trust):
    with SteadyClients(lambda: trust.channel(envoy.address, trust.client)) as clients:
        clients.wait_for(CALLS)
    shares = [replica.answered() for replica in replicas]
    assert sum(shares) == clients.answered
    assert min(shares) > 0.35 * sum(shares), shares


def test_replicas_are_called_over_few_connections_of_http2(envoy, replicas, trust):
    with SteadyClients(lambda: trust.channel(envoy.address, trust.client), 20) as clients:
        clients.wait_for(CALLS)
        connections = [replica.connections() for replica in replicas]
    assert envoy.statistic("upstream_cx_http2_total") == envoy.statistic("upstream_cx_total") > 0
    # One for each of Envoy's two threads, and one for health checks.
    assert max(connections) <= 3, connections


def test_a_slow_replica_gets_less(start_replica, start_envoy, trust):
    quick, slow = start_replica(), start_replica()
    with Proxy("127.0.0.1", slow.port, Harm(delay_seconds=SLOWER_SECONDS), seed=7) as delay:
        envoy = start_envoy(quick, int(delay.address.rpartition(":")[2]))
        with SteadyClients(lambda: trust.channel(envoy.address, trust.client)) as clients:
            clients.wait_for(CALLS)
        assert slow.answered() > 0
        assert quick.answered() > 3 * slow.answered()
        # The tunnel ends before the replica does.
        envoy.stop()
