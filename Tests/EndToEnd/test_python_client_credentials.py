"""The Python client authenticates itself and the server: TLS and tokens."""

from __future__ import annotations

import pytest

from harness.certificates import Authority, tls_options
from scimult import TLS, Client, UnauthenticatedError, UnavailableError


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


@pytest.mark.parametrize("form", ["path", "bytes"])
def test_tls_with_an_authority_of_one_s_own(tls_server, form):
    server, authority = tls_server
    ca = authority.file if form == "path" else authority.pem
    with Client(f"localhost:{server.port}", tls=TLS(ca=ca)) as client:
        assert client.encode("a", task="search").shape == (1, 64)


@pytest.mark.parametrize("tls", [True, False], ids=["another authority", "clear text"])
def test_a_server_that_cannot_be_trusted_is_not_called(tls_server, tls):
    server, _ = tls_server
    with (
        Client(f"localhost:{server.port}", tls=tls, retries=0) as client,
        pytest.raises(UnavailableError),
    ):
        client.model()


def test_the_name_of_a_certificate_is_checked(start_server, authority):
    server = start_server(*tls_options(authority.issue("server", "papers.example")))
    target = f"localhost:{server.port}"
    with (
        Client(target, tls=TLS(ca=authority.file), retries=0) as client,
        pytest.raises(UnavailableError),
    ):
        client.model()
    tls = TLS(ca=authority.file, server_name="papers.example")
    with Client(target, tls=tls) as client:
        assert client.model().name == "tiny-expert"


def test_a_client_that_shows_a_certificate(start_server, authority):
    server = start_server(*tls_options(authority.issue("server"), clients=authority))
    target = f"localhost:{server.port}"
    own = authority.issue("client")
    with (
        Client(target, tls=TLS(ca=authority.file), retries=0) as client,
        pytest.raises(UnavailableError),
    ):
        client.model()
    tls = TLS(ca=authority.file, certificate=own.certificate, key=own.key)
    with Client(target, tls=tls) as client:
        assert client.model().name == "tiny-expert"


def test_several_servers_over_tls(start_server, authority):
    identity = authority.issue("server")
    servers = [start_server(*tls_options(identity)) for _ in range(2)]
    targets = [f"127.0.0.1:{server.port}" for server in servers]
    with Client(targets, tls=TLS(ca=authority.file)) as client:
        assert client.encode("a", task="search").shape == (1, 64)


@pytest.mark.parametrize("secure", [False, True], ids=["clear text", "TLS"])
def test_tokens(start_server, authority, tmp_path, secure):
    tokens = tmp_path / "tokens"
    tokens.write_text("first\n")
    options = tls_options(authority.issue("server")) if secure else []
    server = start_server("--auth-token-file", tokens, *options)
    target, tls = f"localhost:{server.port}", secure and TLS(ca=authority.file)
    with Client(target, tls=tls, token="first") as client:
        assert client.encode("a", task="search").shape == (1, 64)
    for token in (None, "other"):
        with Client(target, tls=tls, token=token) as client, pytest.raises(UnauthenticatedError):
            client.model()
