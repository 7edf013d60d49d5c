"""A signal drains: running calls finish, idle connections are closed, the exit code is 0."""

from __future__ import annotations

import signal
import socket

import grpc
import pytest

from harness.calls import get_model
from harness.http2 import Http2Connection, grpc_headers
from harness.texts import long_request
from harness.wire import frame, unframe
from scimult._generated import scimult_pb2 as pb

DOCUMENTS = 50
NO_ERROR = 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_request_in_flight_finishes(start_server, number):
    server = start_server("--threads", "1")
    with Http2Connection(server) as connection:
        stream = connection.call("Encode", long_request(DOCUMENTS).SerializeToString())
        connection.ping()
        server.signal(number)
        response = connection.response(stream)
        assert response.status() == (0, "")
        embeddings = pb.EncodeResponse.FromString(unframe(response.data)).embeddings
        assert len(embeddings) == DOCUMENTS
        connection.read_until_closed()
        assert connection.goaway == NO_ERROR
    assert server.wait() == 0


def test_request_whose_body_is_under_way_finishes(start_server):
    server = start_server()
    body = frame(long_request(2).SerializeToString())
    with Http2Connection(server) as connection:
        stream = connection.open(grpc_headers("Encode"), body[:50], end=False)
        connection.ping()
        server.signal(signal.SIGTERM)
        connection.read_until_goaway()
        connection.send(stream, body[50:])
        assert connection.response(stream).status() == (0, "")
    assert server.wait() == 0


def test_idle_connections_do_not_hold_it_up(start_server):
    server = start_server("--drain-seconds", "600")
    with server.channel() as idle, Http2Connection(server) as raw:
        get_model(idle)
        raw.ping()
        server.signal(signal.SIGTERM)
        raw.read_until_closed()
        assert raw.goaway == NO_ERROR
        assert server.wait() == 0


def test_silent_connection_does_not_hold_it_up(start_server):
    server = start_server("--drain-seconds", "600")
    with socket.create_connection((server.host, server.port)):
        server.signal(signal.SIGTERM)
        assert server.wait() == 0


def test_grace_ends(start_server):
    server = start_server("--drain-seconds", "1")
    with Http2Connection(server) as connection:
        connection.open(grpc_headers("Encode"), b"\0", end=False)
        connection.ping()
        server.signal(signal.SIGTERM)
        assert server.wait() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_second_signal_stops_at_once(start_server, number):
    server = start_server("--threads", "1", "--drain-seconds", "600")
    with Http2Connection(server) as connection:
        connection.open(grpc_headers("Encode"), b"\0", end=False)
        connection.ping()
        server.signal(signal.SIGTERM)
        connection.read_until_goaway()
        assert server.process.poll() is None
        assert server.insist(number) == 1
    assert "second signal" in server.stderr


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_two_signals_within_a_moment_are_one(start_server, second):
    """timeout(1) sends two: to the process and to its group."""
    server = start_server("--drain-seconds", "600")
    with Http2Connection(server) as connection:
        stream = connection.open(grpc_headers("GetModel"), b"\0", end=False)
        connection.ping()
        server.signal(signal.SIGTERM)
        server.signal(second)
        connection.read_until_goaway()
        connection.send(stream, b"\0\0\0\0")
        assert connection.response(stream).status()[0] == 0
    assert server.wait() == 0


def test_no_new_connections_after_a_signal(start_server):
    server = start_server("--drain-seconds", "600")
    with Http2Connection(server) as connection:
        stream = connection.open(grpc_headers("GetModel"), b"\0", end=False)
        connection.ping()
        server.signal(signal.SIGTERM)
        connection.read_until_goaway()
        with server.channel() as late:
            with pytest.raises(grpc.RpcError) as caught:
                get_model(late)
            assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        connection.send(stream, b"\0\0\0\0")
        assert connection.response(stream).status()[0] == 0
    assert server.wait() == 0


def test_nothing_follows_the_ready_line_on_stdout(start_server):
    server = start_server()
    with server.channel() as channel:
        get_model(channel)
    server.stop()
    assert [line for line in server.further_stdout if line] == []
