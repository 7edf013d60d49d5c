"""The admin port reports whether the server is alive and ready."""

from __future__ import annotations

import signal

import pytest

from harness.admin import get
from harness.calls import get_model
from harness.http2 import Http2Connection, grpc_headers


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_ready_server(server, path):
    assert get(server, path).status == 200


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
def test_head_is_get_without_a_body(server, path):
    full, head = get(server, path), get(server, path, "HEAD")
    assert (head.status, head.content_type) == (full.status, full.content_type)
    assert (bool(full.text), head.text) == (True, "")


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics", "/livez?verbose"])
@pytest.mark.parametrize("method", ["OPTIONS", "POST", "PUT", "DELETE", "PATCH", "TRACE"])
def test_other_methods_are_not_allowed(server, path, method):
    response = get(server, path, method)
    assert (response.status, response.allow) == (405, "GET, HEAD")


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
@pytest.mark.parametrize("path", ["/", "/nothing", "/livez/more"])
def test_other_paths_do_not_exist(server, path, method):
    assert get(server, path, method).status == 404


def test_draining_server_lives_and_is_not_ready(start_server):
    server = start_server()
    with Http2Connection(server) as connection:
        stream = connection.open(grpc_headers("GetModel"), b"\0", end=False)
        connection.ping()
        server.signal(signal.SIGTERM)
        connection.read_until_goaway()
        assert get(server, "/livez").status == 200
        assert get(server, "/readyz").status == 503
        connection.send(stream, b"\0\0\0\0")
        assert connection.response(stream).status()[0] == 0
    assert server.wait() == 0


def test_off(start_server):
    server = start_server(admin="off")
    assert server.admin is None
    assert "admin" not in server.ready_line
    with server.channel() as channel:
        assert get_model(channel).name == "tiny-expert"
