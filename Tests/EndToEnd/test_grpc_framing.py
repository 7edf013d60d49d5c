"""Calls that violate gRPC over HTTP/2 get the status that its specification requires."""

from __future__ import annotations

import gzip

import grpc
import pytest

from harness.http2 import Http2Connection, grpc_headers
from harness.wire import bytes_field, frame, number_field, unframe
from scimult._generated import scimult_pb2 as pb

OK = grpc.StatusCode.OK.value[0]
INVALID_ARGUMENT = grpc.StatusCode.INVALID_ARGUMENT.value[0]
UNIMPLEMENTED = grpc.StatusCode.UNIMPLEMENTED.value[0]
INTERNAL = grpc.StatusCode.INTERNAL.value[0]

REQUEST = pb.EncodeRequest(
    task=pb.TASK_SEARCH, documents=[pb.Document(text="text")]
).SerializeToString()


@pytest.fixture
def connection(server):
    with Http2Connection(server) as connection:
        yield connection
        # The connection still works after each test's frames.
        response = connection.response(connection.call("GetModel", b""))
        assert response.status() == (OK, "")
        assert connection.goaway is None


def status_of(connection, body: bytes, *headers: tuple[str, str]) -> tuple[int, str]:
    stream = connection.open(grpc_headers("Encode", *headers), body)
    return connection.response(stream).status()


def test_a_good_call(connection):
    response = connection.response(connection.call("Encode", REQUEST))
    assert response.headers[":status"] == "200"
    assert response.headers["content-type"].startswith("application/grpc")
    assert response.status() == (OK, "")
    assert len(pb.EncodeResponse.FromString(unframe(response.data)).embeddings) == 1


@pytest.mark.parametrize(
    "content_type", ["application/grpc+proto", "application/grpc;charset=utf-8"]
)
def test_content_types_of_grpc(connection, content_type):
    headers = [
        (name, content_type if name == "content-type" else value)
        for name, value in grpc_headers("GetModel")
    ]
    assert connection.response(connection.open(headers, frame(b""))).status()[0] == OK


def test_te_may_be_missing(connection):
    headers = [header for header in grpc_headers("GetModel") if header[0] != "te"]
    assert connection.response(connection.open(headers, frame(b""))).status()[0] == OK


def test_message_in_small_pieces(connection):
    stream = connection.open(grpc_headers("Encode"), end=False)
    body = frame(REQUEST)
    for place in range(len(body)):
        connection.send(stream, body[place : place + 1], end=place == len(body) - 1)
    assert connection.response(stream).status()[0] == OK


def test_end_of_stream_in_a_frame_of_its_own(connection):
    stream = connection.open(grpc_headers("Encode"), frame(REQUEST), end=False)
    connection.h2.send_data(stream, b"", end_stream=True)
    connection.ping()
    assert connection.response(stream).status()[0] == OK


def test_two_messages_on_a_unary_call(connection):
    assert status_of(connection, frame(REQUEST) * 2)[0] == INTERNAL


@pytest.mark.parametrize("kept", [1, 4, 5, 12])
def test_end_inside_a_message(connection, kept):
    assert status_of(connection, frame(REQUEST)[:kept])[0] == INTERNAL


def test_no_message_at_all(connection):
    code, message = connection.response(connection.open(grpc_headers("Encode"))).status()
    assert code in (INTERNAL, INVALID_ARGUMENT)
    assert message


def test_compressed_flag_without_an_encoding(connection):
    assert status_of(connection, frame(gzip.compress(REQUEST), compressed=1))[0] == INTERNAL


def test_flag_that_does_not_exist(connection):
    assert status_of(connection, frame(REQUEST, compressed=2))[0] == INTERNAL


def test_identity_encoding(connection):
    assert status_of(connection, frame(REQUEST), ("grpc-encoding", "identity"))[0] == OK


def test_message_of_a_status_is_percent_encoded(connection):
    wrong = number_field(2, 3) + bytes_field(4, bytes_field(2, b"a\0"))
    code, message = connection.response(connection.call("Encode", wrong)).status()
    assert code == INVALID_ARGUMENT
    assert message.isascii()
    assert message.isprintable()

    path = "/scimult.v1.SciMult/G%C3%A4nsef%C3%BC%C3%9Fchen"
    headers = [(name, path if name == ":path" else value) for name, value in grpc_headers("x")]
    code, message = connection.response(connection.open(headers, frame(b""))).status()
    assert code == UNIMPLEMENTED
    assert "%25C3%25A4" in message


def test_refusals_without_a_message_are_trailers_only(connection):
    response = connection.response(connection.call("Decode", b""))
    assert response.is_trailers_only
    assert response.headers[":status"] == "200"
    assert response.data == b""


def test_wrong_and_right_calls_share_a_connection(connection):
    wrong = number_field(2, 9)
    streams = [connection.call("Encode", REQUEST if n % 2 else wrong) for n in range(40)]
    codes = [connection.response(stream).status()[0] for stream in streams]
    assert codes == [INVALID_ARGUMENT, OK] * 20


def test_a_reset_call_leaves_others_alone(connection):
    kept = connection.call("Encode", REQUEST)
    connection.reset(connection.call("Encode", REQUEST))
    unfinished = connection.open(grpc_headers("Encode"), frame(REQUEST)[:7], end=False)
    connection.reset(unfinished)
    assert connection.response(kept).status()[0] == OK
