"""Where a client connects, and what it asks first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from fake_server import FakeServer, running

from scimult import Client, ModelInfo, ResourceExhaustedError


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
    )


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
