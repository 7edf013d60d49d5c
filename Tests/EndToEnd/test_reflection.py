"""Reflection: the server's descriptors equal Protos/, read by grpcio-reflection."""

from __future__ import annotations

import grpc
import pytest
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha import reflection_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

from harness.calls import COLLECTIONS, SERVICE
from scimult._generated import scimult_pb2 as pb


@pytest.fixture
def pool(channel) -> DescriptorPool:
    """The descriptors from the server."""
    return DescriptorPool(ProtoReflectionDescriptorDatabase(channel))


def test_services_are_listed(channel):
    services = set(ProtoReflectionDescriptorDatabase(channel).get_services())
    assert services == {
        SERVICE,
        COLLECTIONS,
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
    }


def test_a_client_without_the_contract_calls_a_method(channel, pool):
    method = pool.FindServiceByName(SERVICE).FindMethodByName("Encode")
    request_type, reply_type = (
        GetMessageClass(each) for each in (method.input_type, method.output_type)
    )
    document = {"id": "d", "text": "mixture of experts"}
    request = request_type(task=pb.TASK_SEARCH, documents=[document])
    call = channel.unary_unary(
        f"/{SERVICE}/Encode", request_type.SerializeToString, reply_type.FromString
    )
    assert call(request, timeout=30).embeddings[0].id == "d"


@pytest.mark.parametrize(
    "symbol",
    [
        "scimult.v1.Document",
        "scimult.v1.Document.text",
        "scimult.v1.Task",
        "scimult.v1.Expert.name",
        "scimult.v1.SciMult.Encode",
        "google.rpc.BadRequest.FieldViolation",
    ],
)
def test_files_are_found_by_what_they_declare(channel, symbol):
    (reply,) = ask(channel, reflection_pb2.ServerReflectionRequest(file_containing_symbol=symbol))
    assert reply.file_descriptor_response.file_descriptor_proto


def ask(channel: grpc.Channel, *requests, version: str = "v1alpha"):
    """Returns the replies to some requests."""
    method = channel.stream_stream(
        f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
        reflection_pb2.ServerReflectionRequest.SerializeToString,
        reflection_pb2.ServerReflectionResponse.FromString,
    )
    return list(method(iter(requests), timeout=30))


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
def test_both_versions_answer_every_question(channel, version):
    requests = [
        reflection_pb2.ServerReflectionRequest(host="h", list_services="*"),
        reflection_pb2.ServerReflectionRequest(file_by_filename="scimult/v1/scimult.proto"),
        reflection_pb2.ServerReflectionRequest(file_by_filename="../etc/passwd"),
        reflection_pb2.ServerReflectionRequest(file_containing_symbol="scimult.v1.None"),
        reflection_pb2.ServerReflectionRequest(all_extension_numbers_of_type="scimult.v1.Document"),
        reflection_pb2.ServerReflectionRequest(
            file_containing_extension={"containing_type": "a.B", "extension_number": 7}
        ),
        reflection_pb2.ServerReflectionRequest(host="nothing"),
    ]
    replies = ask(channel, *requests, version=version)
    assert [reply.original_request for reply in replies] == requests
    assert replies[0].valid_host == "h"
    kinds = [reply.WhichOneof("message_response") for reply in replies]
    assert kinds == [
        "list_services_response",
        "file_descriptor_response",
        *["error_response"] * 5,
    ]
    codes = [reply.error_response.error_code for reply in replies[2:]]
    not_found = grpc.StatusCode.NOT_FOUND.value[0]
    assert codes == [not_found] * 4 + [grpc.StatusCode.INVALID_ARGUMENT.value[0]]
