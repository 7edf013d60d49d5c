"""The admin port says whether the server lives and is ready."""

from __future__ import annotations

import signal
import urllib.error
import urllib.request

import pytest

from harness.calls import get_model
from harness.http2 import Http2Connection, grpc_headers
from harness.server import ServerProcess

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def get(server: ServerProcess, path: str, method: str = "GET") -> int:
    request = urllib.request.Request(f"http://{server.admin}{path}", method=method)
    try:
        with OPENER.open(request, timeout=30) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_ready_server(server, path):
    assert get(server, path) == 200
    assert get(server, path, "HEAD") in (200, 404, 405)


def test_other_paths_do_not_exist(server):
    assert get(server, "/nothing") == 404


def test_draining_server_lives_and_is_not_ready(start_server):
    server = start_server()
    with Http2Connection(server) as connection:
        stream = connection.open(grpc_headers("GetModel"), b"\0", end=False)
        connection.ping()
        server.signal(signal.SIGTERM)
        connection.read_until_goaway()
        assert get(server, "/livez") == 200
        assert get(server, "/readyz") == 503
        connection.send(stream, b"\0\0\0\0")
        assert connection.response(stream).status()[0] == 0
    assert server.wait() == 0


def test_off(start_server):
    server = start_server(admin="off")
    assert server.admin is None
    assert "admin" not in server.ready_line
    with server.channel() as channel:
        assert get_model(channel).name == "tiny-expert"
