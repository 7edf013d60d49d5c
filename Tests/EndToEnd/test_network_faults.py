"""A network that delays, cuts and corrupts: clients retry, and the server's answers stay right."""

from __future__ import annotations

import grpc
import pytest

from harness.caller import call_in_processes
from harness.calls import call
from harness.faulty_network import REQUEST, call_until_answered
from harness.innocent import InnocentClient
from harness.proxy import Harm, Proxy

CALLS = 40

HARMS = {
    "delays": Harm(delay_seconds=0.02),
    "cuts": Harm(cut_after_bytes=20_000),
    "corrupts": Harm(corruption=0.1),
}


@pytest.mark.parametrize("name", HARMS)
def test_over_tls_no_answer_is_wrong(tls_server, name):
    server, authority = tls_server
    credentials = grpc.ssl_channel_credentials(authority.pem)
    with authority.channel(server) as channel:
        expected = call(channel, "Encode", REQUEST)

    def connect(address: str, options: list[tuple[str, int]]) -> grpc.Channel:
        return grpc.secure_channel(address, credentials, options)

    with Proxy(server.host, server.port, HARMS[name], seed=20_260) as proxy:
        account = call_until_answered(proxy.address, CALLS, expected, connect)
    assert name == "delays" or account.failures > 0
    assert account.answers == CALLS
    assert account.wrong == 0
    with authority.channel(server) as channel:
        assert call(channel, "Encode", REQUEST) == expected


@pytest.mark.parametrize("name", HARMS)
def test_in_clear_text_others_are_served(server, name):
    """A client cannot detect that its own bytes were corrupted; other clients are not affected."""
    with server.channel() as channel:
        expected = call(channel, "Encode", REQUEST)
    with (
        InnocentClient(server),
        Proxy(server.host, server.port, HARMS[name], seed=20_260) as proxy,
    ):
        account = call_in_processes(proxy.address, CALLS, expected)
    assert account.wrong == 0 or name == "corrupts"
    with server.channel() as channel:
        assert call(channel, "Encode", REQUEST) == expected
