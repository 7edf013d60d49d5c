"""Calls are served with any `:authority`, over TCP and over socket files."""

from __future__ import annotations

import pytest

from harness.http2 import Http2Connection, grpc_headers
from harness.metrics import Metrics
from harness.wire import frame

#: More than the number of protocol errors that a client may make.
MANY = 120

AUTHORITIES = [
    "/tmp/x.sock",
    "",
    "unix:/x",
    "unix:///tmp/x.sock",
    "%2Ftmp%2Fx.sock",
    "localhost",
    "s.sock:0",
    "[::1]:50051",
    "ü",
    "a b",
]


def call_with(fields: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Returns the headers of a call, with these fields for the authority."""
    headers = grpc_headers("GetModel")
    place = next(index for index, (name, _) in enumerate(headers) if name == ":authority")
    pseudo = [field for field in fields if field[0].startswith(":")]
    regular = [field for field in fields if not field[0].startswith(":")]
    return [*headers[:place], *pseudo, *headers[place + 1 :], *regular]


def answer(connection: Http2Connection, fields: list[tuple[str, str]]):
    return connection.response(connection.open(call_with(fields), frame(b"")))


@pytest.fixture(params=["tcp", "socket file"])
def any_server(request, start_server, tmp_path):
    if request.param == "tcp":
        return start_server()
    return start_server(listen=f"unix:{tmp_path}/scimult.sock")


def test_any_and_none_is_served(any_server):
    before = Metrics.of(any_server).series("scimult_refusals_total")
    choices = [[(":authority", authority)] for authority in AUTHORITIES]
    choices += [[("host", authority)] for authority in AUTHORITIES]
    choices += [[(":authority", "a"), ("host", "a")], [(":authority", ""), ("host", "a")], []]
    with Http2Connection(any_server) as connection:
        for fields in choices:
            assert answer(connection, fields).status() == (0, ""), fields
        for _ in range(MANY):
            assert answer(connection, [(":authority", "/tmp/x.sock")]).status() == (0, "")
        assert connection.goaway is None
    assert Metrics.of(any_server).series("scimult_refusals_total") == before


def test_two_that_differ_are_refused(server):
    with Http2Connection(server) as connection:
        response = answer(connection, [(":authority", "a"), ("host", "b")])
        assert response.headers[":status"] == "400"


@pytest.mark.parametrize(
    "fields",
    [
        [(":authority", "a"), (":authority", "a")],
        [(":authority", "a"), ("host", "a"), ("host", "a")],
        [(":authority", "a\0b")],
    ],
)
def test_what_breaks_the_protocol_is_refused_still(server, fields):
    with Http2Connection(server) as connection:
        assert answer(connection, fields).reset == 1
