"""HTTP requests that are not gRPC get a 4xx with a readable text."""

from __future__ import annotations

import pytest

from harness.http2 import Http2Connection, grpc_headers
from harness.wire import frame

PROTOCOL_ERROR = 1


def replaced(*changes: tuple[str, str]) -> list[tuple[str, str]]:
    return [(name, dict(changes).get(name, value)) for name, value in grpc_headers("GetModel")]


def text_response(server, headers, body=b"") -> tuple[str, str]:
    with Http2Connection(server) as connection:
        response = connection.response(connection.open(headers, body))
        assert response.headers["content-type"].startswith("text/plain")
        answer = response.headers[":status"], response.data.decode()
        good = connection.response(connection.call("GetModel", b""))
        assert good.status()[0] == 0
    return answer


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "application/grpcx"])
def test_content_type_that_is_not_grpc(server, content_type):
    status, text = text_response(server, replaced(("content-type", content_type)), b"{}")
    assert status == "415"
    assert "application/grpc" in text


def test_no_content_type(server):
    headers = [header for header in grpc_headers("GetModel") if header[0] != "content-type"]
    status, text = text_response(server, headers, b"{}")
    assert status == "415"
    assert text


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS"])
def test_not_post(server, method):
    status, text = text_response(server, replaced((":method", method)))
    assert status == "405"
    assert "POST" in text


def test_head_gets_no_body(server):
    with Http2Connection(server) as connection:
        response = connection.response(connection.open(replaced((":method", "HEAD"))))
        assert (response.headers[":status"], response.data) == ("405", b"")


def test_host_that_contradicts_the_authority(server):
    headers = [*grpc_headers("GetModel"), ("host", "elsewhere")]
    status, text = text_response(server, headers, frame(b""))
    assert status == "400"
    assert "host" in text


@pytest.mark.parametrize("name", [":authority", "host"])
def test_two_of_what_names_the_host(server, name):
    headers = [header for header in grpc_headers("GetModel") if header[0] != ":authority"]
    with Http2Connection(server) as connection:
        twice = [(name, "one"), (name, "two")]
        response = connection.response(connection.open([*twice, *headers], frame(b"")))
        assert response.reset == PROTOCOL_ERROR or response.headers[":status"] == "400"
        assert connection.response(connection.call("GetModel", b"")).status()[0] == 0
