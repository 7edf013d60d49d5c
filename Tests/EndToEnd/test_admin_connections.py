"""Connections to the admin port with clients of all kinds: none blocks the port."""

from __future__ import annotations

import re
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from harness.admin import get
from harness.server import ServerProcess

LIVE = b"GET /livez HTTP/1.1\r\nhost: server\r\n\r\n"
METRICS = b"GET /metrics HTTP/1.1\r\nhost: server\r\n\r\n"

#: The maximum number of open connections.
CONNECTIONS_MAX = 256


@contextmanager
def connection(server: ServerProcess) -> Iterator[socket.socket]:
    host, _, port = server.admin.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=30) as made:
        yield made


def read_to_end(made: socket.socket) -> bytes:
    parts = []
    with suppress(ConnectionResetError):
        while part := made.recv(65536):
            parts.append(part)
    return b"".join(parts)


def statuses(answers: bytes) -> list[int]:
    return [int(code) for code in re.findall(rb"HTTP/1\.1 (\d{3}) ", answers)]


def read_answer(made: socket.socket) -> bytes:
    """Reads one response with a body."""
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += made.recv(65536)
    head, _, body = answer.partition(b"\r\n\r\n")
    length = int(re.search(rb"content-length: (\d+)", head.lower())[1])
    while len(body) < length:
        body += made.recv(65536)
    assert len(body) == length
    return head + b"\r\n\r\n" + body


def test_a_connection_is_kept(server):
    with connection(server) as made:
        for _ in range(3):
            made.sendall(LIVE)
            assert read_answer(made).endswith(b"\r\n\r\nok\n")


@pytest.mark.parametrize(
    "request_text",
    [
        b"GET /livez HTTP/1.0\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nhost: server\r\nconnection: close\r\n\r\n",
    ],
)
def test_a_connection_that_is_not_to_be_kept_is_closed(server, request_text):
    with connection(server) as made:
        made.sendall(request_text)
        answer = read_to_end(made)
    assert statuses(answer) == [200]
    assert b"\r\nconnection: close\r\n" in answer.lower()


def test_requests_in_one_go_are_answered_in_their_order(server):
    with connection(server) as made:
        made.sendall(LIVE + METRICS + LIVE.replace(b"livez", b"nothing") + LIVE)
        made.shutdown(socket.SHUT_WR)
        answers = read_to_end(made)
    assert statuses(answers) == [200, 200, 404, 200]
    assert answers.endswith(b"\r\n\r\nok\n")


def test_a_request_that_comes_byte_by_byte(server):
    with connection(server) as made:
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in LIVE:
            made.sendall(bytes([byte]))
        assert statuses(read_answer(made)) == [200]


def test_a_body_is_passed_over(server):
    with connection(server) as made:
        made.sendall(LIVE.replace(b"host", b"content-length: 5\r\nhost") + b"12345" + LIVE)
        made.shutdown(socket.SHUT_WR)
        assert statuses(read_to_end(made)) == [200, 200]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"no HTTP\r\n\r\n", 400),
        (b"GET /livez HTTP/2.0\r\n\r\n", 400),
        (b"GET /livez HTTP/1.1\r\ncontent-length: x\r\n\r\n", 400),
        (b"GET /livez HTTP/1.1\r\nx-long: " + b"x" * 20_000 + b"\r\n\r\n", 400),
        (b"GET /livez HTTP/1.1\r\n" + b"x: y\r\n" * 1_000 + b"\r\n", 400),
        (b"PUT /livez HTTP/1.1\r\ncontent-length: 1000000\r\n\r\n" + b"x" * 100_000, 413),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"GET /live", 400),
    ],
)
def test_what_is_no_request_is_refused_and_ends_the_connection(server, sent, status):
    with connection(server) as made:
        with suppress(OSError):
            made.sendall(sent)
            made.shutdown(socket.SHUT_WR)
        # Data that was sent afterwards may have reset the connection before the response could be
        # read.
        assert statuses(read_to_end(made)) in ([status], [])
    assert get(server, "/livez").status == 200


def test_more_connections_than_may_be_open(start_server):
    server = start_server()
    host, _, port = server.admin.rpartition(":")
    held = [socket.create_connection((host, int(port)), 30) for _ in range(CONNECTIONS_MAX)]
    try:
        held[-1].sendall(LIVE)
        assert statuses(read_answer(held[-1])) == [200]
        with connection(server) as beyond:
            with suppress(ConnectionError):
                beyond.sendall(LIVE)
            assert read_to_end(beyond) == b""
        held.pop().close()
        end = time.monotonic() + 30
        while True:
            with connection(server) as next_one:
                with suppress(ConnectionError):
                    next_one.sendall(LIVE.replace(b"host", b"connection: close\r\nhost"))
                if statuses(read_to_end(next_one)) == [200]:
                    break
            assert time.monotonic() < end, "no connection in the place of the one that was closed"
    finally:
        for one in held:
            one.close()


@pytest.mark.measures_memory
def test_a_client_that_asks_and_does_not_read(start_server):
    server = start_server()
    get(server, "/metrics")
    before = server.memory_bytes()
    with connection(server) as made:
        made.setblocking(False)
        asked = 0
        end = time.monotonic() + 2
        while asked < 64 << 20 and time.monotonic() < end:
            try:
                asked += made.send(METRICS * 1_000)
            except BlockingIOError:
                break
        assert get(server, "/livez").status == 200
        assert server.memory_bytes() - before < 32 << 20


def test_open_connections_do_not_hold_up_the_stop(start_server):
    server = start_server()
    with connection(server) as idle, connection(server) as half:
        idle.sendall(LIVE)
        read_answer(idle)
        half.sendall(LIVE.replace(b"host", b"content-length: 1\r\nhost"))
        server.signal(signal.SIGTERM)
        assert read_to_end(idle) == b""
        half.sendall(b"x")
        answer = read_to_end(half)
        assert statuses(answer) == [200], "a request that has begun is answered"
        assert server.wait() == 0
