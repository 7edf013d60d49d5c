"""Methods and fields of the API that are not implemented yet return UNIMPLEMENTED, named."""

from __future__ import annotations

import grpc
import pytest

from harness.calls import COLLECTIONS, SERVICE, failure, get_model
from scimult._generated import scimult_pb2 as pb


@pytest.mark.parametrize(
    ("service", "method"),
    [
        (COLLECTIONS, "CreateCollection"),
        (COLLECTIONS, "UpsertDocuments"),
        (COLLECTIONS, "DeleteDocuments"),
        (COLLECTIONS, "GetCollection"),
        (COLLECTIONS, "ListCollections"),
        (COLLECTIONS, "DeleteCollection"),
    ],
)
def test_method(channel, service, method):
    error = failure(channel, method, b"", service=service)
    assert error.code is grpc.StatusCode.UNIMPLEMENTED
    assert method in error.message
    assert get_model(channel).name == "tiny-expert"


def test_stream_is_refused_before_its_first_message(channel):
    stream = channel.stream_unary(f"/{COLLECTIONS}/UpsertDocuments")
    with pytest.raises(grpc.RpcError, match="UpsertDocuments") as caught:
        stream(iter([b"", b""]), timeout=30)
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_ranking_a_collection(channel):
    query = pb.Document(text="q")
    error = failure(
        channel, "Rank", pb.RankRequest(task=pb.TASK_SEARCH, query=query, collection="papers")
    )
    assert error.code is grpc.StatusCode.UNIMPLEMENTED
    assert "collection" in error.message


@pytest.mark.parametrize(
    ("service", "method"),
    [
        (SERVICE, "Decode"),
        (SERVICE, "encode"),
        ("scimult.v1.Scimult", "Encode"),
        ("scimult.v2.SciMult", "Encode"),
        ("", ""),
    ],
)
def test_what_the_contract_does_not_name(channel, service, method):
    error = failure(channel, method, b"", service=service)
    assert error.code is grpc.StatusCode.UNIMPLEMENTED
    assert (method in error.message) or (service in error.message)
    assert get_model(channel).name == "tiny-expert"
