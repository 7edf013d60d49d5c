"""A document that the model makes no finite numbers of fails alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest

from harness.calls import SERVICE, encode, failure
from harness.poison import WORD, poison
from harness.server import ServerProcess
from scimult._generated import scimult_pb2 as pb

INTERNAL = grpc.StatusCode.INTERNAL.value[0]
COUNT = 60


def request(number: int, *further: str) -> pb.EncodeRequest:
    texts = [f"spores in wind {number}", *further, "graph models"]
    return pb.EncodeRequest(
        request_id=str(number),
        task=pb.TASK_SEARCH,
        documents=[pb.Document(text=text) for text in texts],
    )


POISONED = request(-1, f"slopes of {WORD}")


@pytest.fixture
def server(start_server, golden_variants: Path, tmp_path: Path) -> ServerProcess:
    model = poison(golden_variants / "bert-safetensors", tmp_path / "model")
    return start_server("--threads", "1", "--cache-bytes", "0", model=model)


def test_fails_alone_among_calls(server):
    def one(number: int) -> pb.EncodeResponse | grpc.StatusCode:
        with server.channel() as channel:
            if number % 3:
                return encode(channel, request(number))
            refused = failure(channel, "Encode", POISONED)
            assert "documents[1]" in refused.message
            assert refused.message.rpartition(" ")[2] in server.stderr, "the log has the fault's id"
            return refused.code

    with server.channel() as channel:
        alone = {number: encode(channel, request(number)) for number in range(COUNT) if number % 3}
    with ThreadPoolExecutor(COUNT) as pool:
        together = dict(enumerate(pool.map(one, range(COUNT))))
    for number, outcome in together.items():
        assert outcome == alone.get(number, grpc.StatusCode.INTERNAL)


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
