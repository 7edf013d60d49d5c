"""Whitespace around a metadata value is not part of it, and not a client error."""

from __future__ import annotations

import grpc
import pytest

from harness.calls import encode, failure
from harness.http2 import Http2Connection, grpc_headers
from harness.metrics import Metrics
from harness.texts import long_request
from harness.wire import frame
from scimult._generated import scimult_pb2 as pb

REQUEST = pb.EncodeRequest(task=pb.TASK_SEARCH, documents=[pb.Document(text="cells")])

#: More than the number of protocol errors that a client may make.
MANY = 200


def blanked(value: str) -> list[str]:
    return [f"{value} ", f" {value}", f"\t{value} \t"]


@pytest.mark.parametrize("value", ["batch ", "interactive  "])
def test_a_priority_of_grpc(channel, value):
    assert len(encode(channel, REQUEST, metadata=[("x-scimult-priority", value)]).embeddings) == 1


def test_a_priority_that_is_none(channel):
    error = failure(channel, "Encode", REQUEST, metadata=[("x-scimult-priority", "nonsense ")])
    assert error.code is grpc.StatusCode.INVALID_ARGUMENT
    assert '"nonsense"' in str(error)


@pytest.mark.parametrize(
    ("name", "value"),
    [("grpc-timeout", "5S"), ("x-scimult-priority", "batch"), ("x-request-id", "r-1"), ("x", "")],
)
def test_blanks_around_a_value(server, name, value):
    with Http2Connection(server) as connection:
        for written in blanked(value):
            call = connection.call("Encode", REQUEST.SerializeToString(), (name, written))
            assert connection.response(call).status() == (0, "")


@pytest.mark.parametrize("name", ["content-type", "te", "grpc-encoding"])
def test_blanks_around_what_grpc_is_made_of(server, name):
    fields = dict(grpc_headers("Encode", ("grpc-encoding", "identity")))
    for written in blanked(fields[name]):
        with Http2Connection(server) as connection:
            headers = {**fields, name: written}
            call = connection.open(list(headers.items()), frame(REQUEST.SerializeToString()))
            assert connection.response(call).status() == (0, "")


def test_a_token(start_server, tmp_path):
    tokens = tmp_path / "tokens"
    tokens.write_text("secret\n")
    server = start_server("--auth-token-file", tokens)
    with Http2Connection(server) as connection:
        for written in blanked("Bearer secret"):
            call = connection.call("GetModel", b"", ("authorization", written))
            assert connection.response(call).status() == (0, "")
    with server.channel() as channel:
        encode(channel, REQUEST, metadata=[("authorization", "Bearer secret ")])


def test_many_on_one_connection(server):
    before = Metrics.of(server).series("scimult_refusals_total")
    with Http2Connection(server) as connection:
        for _ in range(MANY):
            call = connection.call("GetModel", b"", ("x-note", "blanks \t"))
            assert connection.response(call).status() == (0, "")
        assert connection.goaway is None
    assert Metrics.of(server).series("scimult_refusals_total") == before


def test_other_characters_are_refused_still(server):
    for value in ("a\0b", "a\nb", "a\rb", "a\x01b", "a\x7fb"):
        with Http2Connection(server) as connection:
            message = long_request(1).SerializeToString()
            call = connection.call("Encode", message, ("x-note", value))
            assert connection.response(call).reset == 1
