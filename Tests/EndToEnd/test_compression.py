"""Compressed messages in both directions, with grpcio's own compression and with raw frames."""

from __future__ import annotations

import gzip
import zlib

import grpc
import numpy as np
import pytest

from harness.calls import SERVICE, encode, failure
from harness.http2 import Http2Connection, grpc_headers
from harness.texts import long_text
from harness.wire import frame
from scimult._generated import scimult_pb2 as pb

REQUEST = pb.EncodeRequest(
    task=pb.TASK_SEARCH,
    documents=[pb.Document(id=str(place), text=long_text(300)) for place in range(20)],
)
COMPRESSED = {"gzip": gzip.compress, "deflate": zlib.compress}


def values(response: pb.EncodeResponse) -> np.ndarray:
    return np.array([embedding.values for embedding in response.embeddings], np.float32)


@pytest.mark.parametrize("compression", [grpc.Compression.Gzip, grpc.Compression.Deflate])
def test_grpcio_reads_and_is_read(channel, compression):
    plain = encode(channel, REQUEST)
    packed = encode(channel, REQUEST, compression=compression)
    np.testing.assert_allclose(values(packed), values(plain), rtol=0, atol=1e-5)


@pytest.mark.parametrize("compression", [grpc.Compression.Gzip, grpc.Compression.Deflate])
def test_streams(channel, compression):
    method = channel.stream_stream(
        f"/{SERVICE}/EncodeStream",
        request_serializer=pb.EncodeRequest.SerializeToString,
        response_deserializer=pb.EncodeResponse.FromString,
    )
    replies = list(method(iter([REQUEST] * 5), timeout=60, compression=compression))
    assert len(replies) == 5
    assert all(len(reply.embeddings) == 20 for reply in replies)


def reply_to(connection: Http2Connection, body: bytes, *fields: tuple[str, str]):
    stream = connection.open(grpc_headers("Encode", *fields), body)
    return connection.response(stream)


@pytest.mark.parametrize("name", COMPRESSED)
def test_replies_are_compressed_where_the_client_reads_it(server, name):
    compressed = COMPRESSED[name](REQUEST.SerializeToString())
    body = frame(compressed, compressed=1)
    with Http2Connection(server) as connection:
        plain = reply_to(connection, body, ("grpc-encoding", name))
        assert plain.status()[0] == 0
        assert plain.data[0] == 0
        assert "grpc-encoding" not in plain.headers
        packed = reply_to(
            connection, body, ("grpc-encoding", name), ("grpc-accept-encoding", f"identity,{name}")
        )
        assert packed.data[0] == 1
        assert packed.headers["grpc-encoding"] == name
        assert name in packed.headers["grpc-accept-encoding"]
        assert zlib.decompress(packed.data[5:], wbits=47) == plain.data[5:]


@pytest.mark.parametrize("name", COMPRESSED)
def test_a_message_that_grows_beyond_the_limit_is_refused(server, name):
    bomb = COMPRESSED[name](bytes(100 << 20))
    with Http2Connection(server) as connection:
        code, message = reply_to(
            connection, frame(bomb, compressed=1), ("grpc-encoding", name)
        ).status()
        assert code == grpc.StatusCode.RESOURCE_EXHAUSTED.value[0]
        assert "4194304" in message


@pytest.mark.parametrize("payload", [b"", b"not compressed", gzip.compress(b"x" * 999)[:-1]])
def test_what_cannot_be_decompressed_is_internal(server, payload):
    with Http2Connection(server) as connection:
        code, message = reply_to(
            connection, frame(payload, compressed=1), ("grpc-encoding", "gzip")
        ).status()
        assert code == grpc.StatusCode.INTERNAL.value[0]
        assert "gzip" in message


def test_an_unknown_encoding_is_named_with_those_that_are_known(server):
    with Http2Connection(server) as connection:
        response = reply_to(connection, frame(b""), ("grpc-encoding", "zstd"))
        code, message = response.status()
        assert code == grpc.StatusCode.UNIMPLEMENTED.value[0]
        assert "zstd" in message
        assert response.headers["grpc-accept-encoding"] == "identity,deflate,gzip"


def test_a_bad_message_inside_is_refused_as_any(channel):
    error = failure(channel, "Encode", pb.EncodeRequest(), compression=grpc.Compression.Gzip)
    assert error.code is grpc.StatusCode.INVALID_ARGUMENT
