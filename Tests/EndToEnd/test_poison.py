"""A document whose result is not finite fails alone."""

from __future__ import annotations

from pathlib import Path

import grpc
import pytest

from harness.calls import SERVICE
from harness.poison import POISONED, poison, poison_among_calls, request
from harness.server import ServerProcess
from scimult._generated import scimult_pb2 as pb

INTERNAL = grpc.StatusCode.INTERNAL.value[0]
COUNT = 60


@pytest.fixture
def server(start_server, golden_variants: Path, tmp_path: Path) -> ServerProcess:
    model = poison(golden_variants / "bert-safetensors", tmp_path / "model")
    return start_server("--threads", "1", "--cache-bytes", "0", model=model)


def test_fails_alone_among_calls(server):
    assert poison_among_calls(server, COUNT, at_once=COUNT) == COUNT // 3


def test_fails_alone_on_a_stream(server):
    requests = [POISONED if number % 3 == 0 else request(number) for number in range(COUNT)]
    with server.channel() as channel:
        method = channel.stream_stream(
            f"/{SERVICE}/EncodeStream",
            request_serializer=pb.EncodeRequest.SerializeToString,
            response_deserializer=pb.EncodeResponse.FromString,
        )
        replies = list(method(iter(requests), timeout=60))
    failed = [reply for reply in replies if reply.status.code]
    assert [reply.status.code for reply in failed] == [INTERNAL] * (COUNT // 3)
    assert {reply.request_id for reply in failed} == {POISONED.request_id}
    assert len(replies) == COUNT
