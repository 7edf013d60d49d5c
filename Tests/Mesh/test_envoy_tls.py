"""Mutual TLS on both sides: each peer authenticates itself, or is refused."""

from __future__ import annotations

import socket

import grpc
import pytest

from harness.calls import get_model
from harness.certificates import Authority
from trust import REPLICA


def refused(channel: grpc.Channel) -> bool:
    """Whether a call fails in the handshake."""
    with channel, pytest.raises(grpc.RpcError) as caught:
        get_model(channel, timeout=5)
    return caught.value.code() is grpc.StatusCode.UNAVAILABLE


@pytest.fixture
def strangers(trust) -> Authority:
    """An authority that no other party trusts."""
    return Authority(trust.folder, "strangers-ca")


def test_a_client_that_shows_its_certificate_is_served(envoy, trust):
    with trust.channel(envoy.address, trust.client) as channel:
        assert get_model(channel).name == "tiny-expert"


def test_a_client_without_a_certificate_is_refused_by_envoy(envoy, trust):
    assert refused(trust.channel(envoy.address, None))


def test_a_client_whom_nobody_vouches_for_is_refused_by_envoy(envoy, trust, strangers):
    stranger = strangers.issue("stranger", "a-client")
    assert refused(trust.channel(envoy.address, stranger))


def test_who_goes_around_envoy_is_refused_by_the_replica(envoy, replicas, trust):
    address = replicas[0].address
    assert refused(trust.channel_around_the_proxy(address, None))
    assert refused(trust.channel_around_the_proxy(address, trust.client))
    with trust.channel_around_the_proxy(address, trust.proxy_to_replicas) as channel:
        assert get_model(channel).name == "tiny-expert"


@pytest.mark.parametrize(
    "impostor, noticed",
    [
        ("of another name", "ssl.fail_verify_san"),
        ("of another authority", "ssl.fail_verify_error"),
    ],
)
def test_a_replica_that_is_another_is_given_no_calls(
    start_server, start_replica, start_envoy, trust, strangers, impostor, noticed
):
    identity = (
        trust.replicas.issue("impostor", "another-name")
        if impostor == "of another name"
        else strangers.issue("impostor", REPLICA)
    )
    false = start_server("--log-level", "error", *trust.replica_options(identity))
    true = start_replica()
    envoy = start_envoy(true, false.port, in_rotation=1)
    with trust.channel(envoy.address, trust.client) as channel:
        for _ in range(20):
            get_model(channel)
    assert envoy.in_rotation() == {true.port}
    assert true.answered(method="GetModel") == 20
    assert envoy.statistic(noticed) > 0


def test_a_certificate_that_is_replaced_is_shown_to_who_comes_then(envoy, trust):
    def serial_number() -> str:
        context = trust.proxies.client_context(trust.client)
        with (
            socket.create_connection(("127.0.0.1", envoy.port), 10) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as connection,
        ):
            certificate = connection.getpeercert()
            assert certificate
            return str(certificate["serialNumber"])

    before = serial_number()
    with trust.channel(envoy.address, trust.client) as channel:
        get_model(channel)
        trust.proxies.issue("proxy")
        envoy.wait_until(lambda: serial_number() != before, "the new certificate")
        get_model(channel)
