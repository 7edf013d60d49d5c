"""TLS: the server's identity, the clients that it serves, and changes of certificates."""

from __future__ import annotations

import signal
import socket
import ssl
import subprocess
import sysconfig
import time
from pathlib import Path

import grpc
import pytest

from harness.admin import get
from harness.calls import encode, get_model
from harness.certificates import Authority, tls_options
from harness.metrics import Metrics
from harness.server import ServerProcess
from scimult._generated import scimult_pb2 as pb

REQUEST = pb.EncodeRequest(task=pb.TASK_SEARCH, documents=[pb.Document(text="mixture of experts")])

RENEWAL_SECONDS_MAX = 10


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def shake_hands(server: ServerProcess, context: ssl.SSLContext) -> ssl.SSLSocket:
    """Returns a connection after the handshake; the caller closes it."""
    plain = socket.create_connection((server.host, server.port), 10)
    return context.wrap_socket(plain, server_hostname="localhost")


def is_closed(connection: socket.socket) -> bool:
    """Whether the server closes the connection without serving it."""
    try:
        while octets := connection.recv(1 << 16):
            # The server's own preface may arrive before the end.
            assert octets
        return True
    except TimeoutError:
        return False
    except OSError:
        return True


def serial_number(server: ServerProcess, authority: Authority) -> str:
    """Returns the serial number of the certificate that the server presents."""
    with shake_hands(server, authority.client_context()) as connection:
        return connection.getpeercert()["serialNumber"]


def refusals(server: ServerProcess) -> float:
    return Metrics.of(server).value("scimult_refusals_total", reason="tls_handshake")


def test_answers_are_those_of_clear_text(start_server, authority):
    clear = start_server("--precision", "fp32")
    secure = start_server("--precision", "fp32", *tls_options(authority.issue("server")))
    with clear.channel() as one, authority.channel(secure) as other:
        assert encode(one, REQUEST) == encode(other, REQUEST)


def test_long_replies_and_streams(tls_server):
    server, authority = tls_server
    documents = [pb.Document(text=f"cells of kind {number}") for number in range(1_000)]
    request = pb.EncodeRequest(task=pb.TASK_SEARCH, documents=documents)
    with authority.channel(server) as channel:
        assert len(encode(channel, request).embeddings) == 1_000
        stream = channel.stream_stream(
            "/scimult.v1.SciMult/EncodeStream",
            pb.EncodeRequest.SerializeToString,
            pb.EncodeResponse.FromString,
        )
        replies = list(stream(iter([request] * 10), timeout=60))
    assert [len(reply.embeddings) for reply in replies] == [1_000] * 10


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_versions_that_are_served(tls_server, version):
    server, authority = tls_server
    context = authority.client_context()
    context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
    with shake_hands(server, context) as connection:
        assert connection.version() == version.replace("_", ".")
        assert connection.selected_alpn_protocol() == "h2"


def test_older_versions_are_refused(tls_server):
    server, authority = tls_server
    context = authority.client_context()
    with pytest.warns(DeprecationWarning):
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    # Without this, the client itself would refuse such versions.
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises(ssl.SSLError, match=r"(?i)protocol version"):
        shake_hands(server, context)


@pytest.mark.parametrize("protocols", [(), ("http/1.1",)], ids=["none", "http/1.1"])
def test_client_that_does_not_speak_http2_is_refused(tls_server, protocols):
    server, authority = tls_server
    before = refusals(server)
    try:
        with shake_hands(server, authority.client_context(protocols=protocols)) as connection:
            assert is_closed(connection)
    except OSError:
        pass
    assert refusals(server) == before + 1


def test_clear_text_is_refused(tls_server):
    server, authority = tls_server
    before = refusals(server)
    with server.channel() as channel, pytest.raises(grpc.RpcError) as caught:
        get_model(channel, timeout=5)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    assert refusals(server) > before
    with authority.channel(server) as channel:
        assert get_model(channel).name == "tiny-expert"


def test_handshake_that_stops_is_ended(start_server, authority):
    server = start_server("--preface-seconds", "1", *tls_options(authority.issue("server")))
    begun = time.monotonic()
    with socket.create_connection((server.host, server.port), 10) as connection:
        connection.sendall(bytes([0x16, 3, 1]))
        assert is_closed(connection)
    assert 0.9 < time.monotonic() - begun < 8
    assert Metrics.of(server).value("scimult_refusals_total", reason="slow_preface") == 1


class TestClientCertificates:
    @pytest.fixture
    def clients(self, tmp_path: Path) -> Authority:
        return Authority(tmp_path, "clients")

    @pytest.fixture
    def server(self, start_server, authority, clients) -> ServerProcess:
        return start_server(*tls_options(authority.issue("server"), clients))

    def test_known_client_is_served(self, server, authority, clients):
        with authority.channel(server, clients.issue("client", "a-client")) as channel:
            assert get_model(channel).name == "tiny-expert"

    def test_others_are_refused(self, server, authority, tmp_path):
        strangers = Authority(tmp_path, "strangers")
        for identity in (None, strangers.issue("stranger", "a-client")):
            with (
                authority.channel(server, identity) as channel,
                pytest.raises(grpc.RpcError) as caught,
            ):
                get_model(channel, timeout=5)
            assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        assert refusals(server) >= 2


class TestRenewal:
    def wait_for_other(self, server: ServerProcess, authority: Authority, old: str) -> None:
        end = time.monotonic() + RENEWAL_SECONDS_MAX
        while serial_number(server, authority) == old:
            assert time.monotonic() < end, server.stderr
            time.sleep(0.1)

    def test_new_connections_see_the_new_certificate(self, start_server, authority):
        server = start_server(*tls_options(authority.issue("server")))
        old = serial_number(server, authority)
        with authority.channel(server) as channel:
            get_model(channel)
            authority.issue("server")
            self.wait_for_other(server, authority, old)
            assert get_model(channel).name == "tiny-expert"
        assert Metrics.of(server).value("scimult_connections_total") >= 3

    def test_sighup_reads_at_once(self, start_server, authority):
        server = start_server(*tls_options(authority.issue("server")))
        old = serial_number(server, authority)
        authority.issue("server")
        server.signal(signal.SIGHUP)
        self.wait_for_other(server, authority, old)

    def test_file_that_is_wrong_changes_nothing(self, start_server, authority):
        identity = authority.issue("server")
        server = start_server(*tls_options(identity))
        old = serial_number(server, authority)
        identity.certificate.write_text("nothing like it")
        server.signal(signal.SIGHUP)
        server.wait_for_log("stay as they were")
        assert identity.certificate.name in server.stderr
        assert serial_number(server, authority) == old
        authority.issue("server")
        self.wait_for_other(server, authority, old)


class TestStart:
    @pytest.fixture
    def serve(self, command, tiny_expert):
        return lambda *options: command(
            "serve", "--model", tiny_expert, "--listen", "127.0.0.1:0", "--admin", "off", *options
        )

    def test_file_that_is_not_there(self, serve, authority, tmp_path):
        identity = authority.issue("server")
        line = serve(
            "--tls-cert", tmp_path / "none.pem", "--tls-key", identity.key
        ).fail_in_one_line()
        assert "none.pem" in line

    def test_key_of_another_certificate(self, serve, authority):
        one, other = authority.issue("one"), authority.issue("other")
        line = serve("--tls-cert", one.certificate, "--tls-key", other.key).fail_in_one_line()
        assert "one.pem" in line
        assert "other.key" in line

    def test_file_that_is_no_certificate(self, serve, authority, tmp_path):
        text = tmp_path / "text.pem"
        text.write_text("hello")
        identity = authority.issue("server")
        for options in (
            ["--tls-cert", text, "--tls-key", identity.key],
            ["--tls-cert", identity.certificate, "--tls-key", text],
            [*tls_options(identity), "--tls-client-ca", text],
        ):
            assert "text.pem" in serve(*options).fail_in_one_line()

    def test_options_that_belong_together(self, serve, authority):
        identity = authority.issue("server")
        for options in (
            ["--tls-cert", identity.certificate],
            ["--tls-key", identity.key],
            ["--tls-client-ca", authority.file],
        ):
            assert "--tls-" in serve(*options).fail(2)


def test_grpcurl(tls_server):
    server, authority = tls_server
    grpcurl = Path(sysconfig.get_path("scripts")) / "grpcurl"
    listed = subprocess.run(
        [grpcurl, "-cacert", authority.file, "-servername", "localhost", server.grpc, "list"],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert "scimult.v1.SciMult" in listed.stdout


def test_admin_port_stays_in_clear_text(tls_server):
    server, _ = tls_server
    assert get(server, "/readyz").status == 200
