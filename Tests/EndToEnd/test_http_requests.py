"""Requests that are HTTP and not gRPC get a 4xx with a text that a person can read."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from harness.http2 import Http2Connection, grpc_headers
from harness.wire import frame, unframe
from scimult._generated import scimult_pb2 as pb

PROTOCOL_ERROR = 1

REQUEST = pb.EncodeRequest(task=pb.TASK_SEARCH, documents=[pb.Document(text="text")])


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


def curl(server, *arguments: str | Path) -> str:
    """Headers, body and trailers that curl shows."""
    options = ["--silent", "--show-error", "--noproxy", "*", "--http2-prior-knowledge"]
    ended = subprocess.run(
        ["curl", *options, "--include", "--max-time", "30", *arguments],
        capture_output=True,
        check=True,
    )
    return ended.stdout.decode(errors="replace")


def test_curl_calls(server, tmp_path):
    body, answer = tmp_path / "request", tmp_path / "response"
    body.write_bytes(frame(REQUEST.SerializeToString()))
    headers = tmp_path / "headers"
    curl(
        server,
        *("--header", "content-type: application/grpc", "--header", "te: trailers"),
        *(
            "--data-binary",
            f"@{body}",
            "--dump-header",
            headers,
            "--output",
            answer,
            "--no-include",
        ),
        f"http://{server.grpc}/scimult.v1.SciMult/Encode",
    )
    assert "grpc-status: 0" in headers.read_text().lower()
    response = pb.EncodeResponse.FromString(unframe(answer.read_bytes()))
    assert len(response.embeddings) == 1


def test_curl_posts_json(server):
    url = f"http://{server.grpc}/scimult.v1.SciMult/Encode"
    shown = curl(server, "--header", "content-type: application/json", "--data", "{}", url)
    assert shown.startswith("HTTP/2 415")
    assert "application/grpc" in shown


def test_curl_gets(server):
    shown = curl(server, f"http://{server.grpc}/")
    assert shown.startswith("HTTP/2 405")


def test_nghttp_calls(server, tmp_path):
    body = tmp_path / "request"
    body.write_bytes(frame(REQUEST.SerializeToString()))
    ended = subprocess.run(
        [
            *("nghttp", "--verbose", "--null-out", "--timeout=30", f"--data={body}"),
            *("--header=content-type: application/grpc", "--header=te: trailers"),
            f"http://{server.grpc}/scimult.v1.SciMult/Encode",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "grpc-status: 0" in ended.stdout
    assert "GOAWAY" not in ended.stdout.partition("grpc-status: 0")[0]
