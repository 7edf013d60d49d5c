"""Where a client connects, and what it asks first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import grpc
import numpy as np
import pytest
from fake_server import FakeServer, running

from scimult import Client, Expert, ModelInfo, ResourceExhaustedError
from scimult._generated import scimult_pb2 as pb
from scimult.model import from_message


def test_model_tells_what_is_served(client):
    assert client.model() == ModelInfo(
        name="fake",
        architecture="expert",
        dimensions=12,
        max_tokens=512,
        layers=4,
        tasks=("classification", "link_prediction", "search"),
        precision="fp32",
        similarity="dot",
        max_documents=8,
        max_message_bytes=4096,
        fingerprint="f0",
        experts=(
            Expert("regression", "query", "regression-expert"),
            Expert("regression", "candidate", "regression-expert"),
        ),
        task_names=("classification", "link_prediction", "search", "regression"),
    )


def test_a_server_that_tells_no_names_has_the_tasks_of_the_enumeration():
    model = from_message(pb.Model(tasks=[pb.TASK_SEARCH]))
    assert model.task_names == model.tasks == ("search",)
    assert (model.experts, model.fingerprint) == ((), "")


def test_a_role_that_the_client_does_not_know_is_a_number():
    model = from_message(pb.Model(experts=[pb.Expert(task="search"), pb.Expert(role=9)]))
    assert model.experts == (Expert("search", "query", ""), Expert("", "9", ""))


def test_unix_socket(tmp_path):
    path = tmp_path / "scimult.sock"
    with running(FakeServer(), f"unix:{path}") as fake, Client(f"unix:{path}") as client:
        assert client.encode("a", task="search").shape == (1, fake.dimensions)


def test_responses_may_be_larger_than_grpc_s_own_limit():
    with (
        running(FakeServer(dimensions=2 << 20, max_message_bytes=16 << 20)) as fake,
        Client(fake.address) as client,
    ):
        assert client.encode("a", task="search").shape == (1, 2 << 20)


def test_threads_share_a_client(client, server):
    texts = [f"text {number}" for number in range(40)]
    expected = client.encode(texts, task="search")
    with ThreadPoolExecutor(8) as pool:
        rows = list(pool.map(lambda text: client.encode(text, task="search")[0], texts))
    np.testing.assert_array_equal(rows, expected)


def test_options_of_the_caller_win(server):
    options = [("grpc.max_receive_message_length", 8)]
    with (
        Client(server.address, retries=0, channel_options=options) as client,
        pytest.raises(ResourceExhaustedError, match="larger than max"),
    ):
        client.model()


def test_token_and_priority_travel_with_each_call(server):
    seen = []
    server.intercept = lambda request, context: seen.append(dict(context.invocation_metadata()))
    with Client(server.address, token="s3cret", priority="batch") as client:
        client.encode("a", task="search")
        client.rank("a", ["b"], task="search")
    with Client(server.address) as client:
        client.encode("a", task="search")
    sent = [(call.get("authorization"), call.get("x-scimult-priority")) for call in seen]
    assert sent == [("Bearer s3cret", "batch")] * 2 + [(None, None)]


def test_calls_are_shared_by_the_servers_of_a_list():
    with (
        running(FakeServer()) as one,
        running(FakeServer()) as other,
        Client([one.address, other.address]) as client,
    ):
        for number in range(20):
            client.encode(f"text {number}", task="search")
        assert len(one.requests) + len(other.requests) == 20
        assert min(len(one.requests), len(other.requests)) >= 5


def test_a_server_of_a_list_that_is_down_fails_no_call():
    with running(FakeServer()) as stopped:
        pass
    with (
        running(FakeServer()) as there,
        Client([stopped.address, there.address], retries=0) as client,
    ):
        for number in range(10):
            client.encode(f"text {number}", task="search")
        assert len(there.requests) == 10


def test_a_large_request_is_sent_again(server):
    """By default gRPC keeps only 256 KiB of a call for a retry."""
    server.max_message_bytes = 4 << 20
    refusals = iter([True])

    def refuse_once(request, context):
        if next(refusals, False):
            context.abort(grpc.StatusCode.UNAVAILABLE, "stopping")

    server.intercept = refuse_once
    with Client(server.address) as client:
        assert len(client.encode(["a" * (3 << 20)], task="search")) == 1
    assert server.requests == [1, 1]
