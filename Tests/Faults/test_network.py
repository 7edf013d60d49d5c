"""A network that delays, loses, cuts and corrupts: clients retry and get right answers."""

from __future__ import annotations

import grpc
import pytest

from harness.caller import call_in_processes
from harness.calls import call
from harness.certificates import Authority, tls_options
from harness.faulty_network import REQUEST, call_until_answered
from harness.innocent import InnocentClient
from harness.network_namespace import NoNetwork, bad_network
from harness.proxy import Harm, Proxy

CALLS = 1_000

HARMS = {
    "delays of up to 20 ms": Harm(delay_seconds=0.02),
    "connections cut within 20 KB": Harm(cut_after_bytes=20_000),
    "a bit wrong in a tenth of the parts": Harm(corruption=0.1),
}

NETEM = ("delay", "5ms", "2ms", "loss", "1%", "corrupt", "1%", "duplicate", "1%", "reorder", "1%")


@pytest.mark.parametrize("name", HARMS)
def test_proxy(start_server, figures, tmp_path, name):
    authority = Authority(tmp_path)
    credentials = grpc.ssl_channel_credentials(authority.pem)
    server = start_server(*tls_options(authority.issue("server")), "--log-level", "error")
    with authority.channel(server) as channel:
        expected = call(channel, "Encode", REQUEST)

    def connect(address: str, options: list[tuple[str, int]]) -> grpc.Channel:
        return grpc.secure_channel(address, credentials, options)

    with Proxy(server.host, server.port, HARMS[name], seed=20_260) as proxy:
        account = call_until_answered(proxy.address, CALLS, expected, connect)
    with authority.channel(server) as channel:
        assert call(channel, "Encode", REQUEST) == expected
    figures.record(
        f"TLS through a proxy, {name}: no answer is wrong, and each call has one in the end",
        f"{CALLS:,} calls, {account.failures:,} times called again; {account.wrong} wrong",
        "make fault FAULTS='test_network and test_proxy'",
    )
    assert account.answers == CALLS
    assert account.wrong == 0


def test_clear_text(start_server, figures):
    """In clear text, a client cannot detect a corrupted answer; all other clients are served."""
    server = start_server("--log-level", "error", "--cache-bytes", "0")
    harm = Harm(delay_seconds=0.005, cut_after_bytes=100_000, corruption=0.1)
    with server.channel() as channel:
        expected = call(channel, "Encode", REQUEST)
    with (
        InnocentClient(server) as innocent,
        Proxy(server.host, server.port, harm, seed=20_260) as proxy,
    ):
        account = call_in_processes(proxy.address, CALLS, expected)
    with server.channel() as channel:
        assert call(channel, "Encode", REQUEST) == expected
    figures.record(
        "clear text through a proxy that delays, cuts and corrupts: the server stays right to "
        "others",
        f"{account.failures + CALLS:,} calls through {proxy.corruptions:,} corruptions and "
        f"{proxy.cuts:,} cuts; {len(innocent.seconds):,} calls beside them, 0 wrong",
        "make fault FAULTS='test_network and clear_text'",
    )


def test_netem(start_server, figures):
    try:
        with bad_network(*NETEM) as inside:
            server = start_server("--log-level", "error", launcher=inside, admin=None)
            account = call_in_processes(server.grpc, CALLS, launcher=inside)
            server.stop()
    except NoNetwork as reason:
        pytest.skip(str(reason))
    figures.record(
        "packets delayed, lost, corrupted, doubled and out of order, each 1 % (tc netem): no "
        "answer is wrong",
        f"{CALLS:,} calls, {account.failures:,} times called again; {account.wrong} wrong",
        "make fault FAULTS='test_network and netem'",
    )
    assert account.wrong == 0
