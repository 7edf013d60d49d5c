"""Messages over the limit are refused in both directions, with limit and size."""

from __future__ import annotations

import grpc

from harness.calls import encode, failure, get_model
from scimult._generated import scimult_pb2 as pb


def request_of(size: int) -> pb.EncodeRequest:
    """Returns a request of exactly this many bytes."""
    request = pb.EncodeRequest(task=pb.TASK_SEARCH, documents=[pb.Document(text="")])
    text_bytes = size - request.ByteSize()
    while request.ByteSize() != size:
        request.documents[0].text = "a" * text_bytes
        text_bytes -= request.ByteSize() - size
    return request


def test_message_of_the_limit_works(channel):
    assert len(encode(channel, request_of(4_194_304)).embeddings) == 1


def test_message_one_byte_over_is_refused(channel):
    error = failure(channel, "Encode", request_of(4_194_305))
    assert error.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "4194304" in error.message
    assert "4194305" in error.message
    assert get_model(channel).name == "tiny-expert"


def test_limit_can_be_set(start_server):
    with start_server("--max-message-bytes", "10000").channel() as channel:
        assert get_model(channel).max_message_bytes == 10_000
        encode(channel, request_of(10_000))
        error = failure(channel, "Encode", request_of(10_001))
        assert error.code is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert "10000" in error.message


def test_response_over_the_limit_is_refused(start_server):
    documents = [pb.Document(text="a")] * 100
    request = pb.EncodeRequest(task=pb.TASK_SEARCH, documents=documents)
    with start_server("--max-message-bytes", "10000").channel() as channel:
        error = failure(channel, "Encode", request)
        assert error.code is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert "10000" in error.message
        request.format = pb.EMBEDDING_FORMAT_BINARY
        assert len(encode(channel, request).embeddings) == 100


def test_limit_of_documents_can_be_set(start_server):
    with start_server("--max-documents", "3").channel() as channel:
        assert get_model(channel).max_documents == 3
        documents = [pb.Document(text="a")] * 4
        error = failure(channel, "Encode", pb.EncodeRequest(task=3, documents=documents))
        assert error.code is grpc.StatusCode.INVALID_ARGUMENT
        assert "3" in error.message
        assert error.violations[0].field == "documents"
