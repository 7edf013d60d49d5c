"""The client uses a proxy only if the caller asks for it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from scimult import Client, UnavailableError

VARIABLES = ["grpc_proxy", "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"]


class Proxy:
    """Counts connections, and refuses them."""

    def __init__(self, listener: socket.socket) -> None:
        self.address = "http://{}:{}".format(*listener.getsockname())
        self.asked: list[bytes] = []
        self._listener = listener

    def run(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                self.asked.append(connection.recv(1 << 12))
                connection.sendall(b"HTTP/1.1 403 Forbidden\r\n\r\n")


@pytest.fixture
def proxy(monkeypatch) -> Iterator[Proxy]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy = Proxy(listener)
        thread = threading.Thread(target=proxy.run)
        thread.start()
        for name in VARIABLES:
            monkeypatch.setenv(name, proxy.address)
        for name in ("no_proxy", "NO_PROXY", "no_grpc_proxy"):
            monkeypatch.delenv(name, raising=False)
        yield proxy
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


def test_the_environment_s_proxy_is_not_used(proxy, server):
    with Client(server.address) as client:
        assert client.encode("a", task="search").shape == (1, server.dimensions)
    with (
        Client("scimult.invalid:50051", retries=0, timeout=10) as client,
        pytest.raises(UnavailableError),
    ):
        client.model()
    assert proxy.asked == []


def test_it_is_used_on_request(proxy):
    options = [("grpc.enable_http_proxy", 1)]
    with (
        Client("scimult.invalid:50051", retries=0, timeout=10, channel_options=options) as client,
        pytest.raises(UnavailableError),
    ):
        client.model()
    assert proxy.asked[0].startswith(b"CONNECT scimult.invalid:50051 ")
