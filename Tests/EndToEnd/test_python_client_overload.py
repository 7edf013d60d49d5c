"""The Python client retries when a full server says so, and yields if its priority says so."""

from __future__ import annotations

import pytest

from harness.http2 import Http2Connection
from harness.metrics import Metrics
from harness.texts import long_request, long_text
from scimult import Client, ResourceExhaustedError

SMALL_QUEUE = ("--threads", "1", "--cache-bytes", "0", "--max-queue-tokens", "1000")


def refusals(server):
    return Metrics.of(server).total("scimult_refusals_total", reason="queue_full")


def test_a_client_comes_back_when_it_is_told_to(start_server):
    server = start_server(*SMALL_QUEUE)
    with Http2Connection(server) as bulk, Client(server.grpc) as client:
        client.model()
        # The queue may have space again when the client calls.
        for attempt in range(50):
            large = bulk.call("Encode", long_request(60).SerializeToString())
            bulk.ping()
            assert len(client.encode(f"{attempt} {long_text(500)}", task="search")) == 1
            assert bulk.response(large).status()[0] == 0
            if refusals(server) > 0:
                return
    raise AssertionError("the queue was never full")


def test_a_client_that_does_not_is_told_when_to(start_server):
    server = start_server(*SMALL_QUEUE)
    with Http2Connection(server) as bulk, Client(server.grpc, retries=0) as client:
        client.model()
        for _ in range(50):
            large = bulk.call("Encode", long_request(60).SerializeToString())
            bulk.ping()
            try:
                client.encode(long_text(500), task="search")
            except ResourceExhaustedError as error:
                assert error.retry_after > 0
                return
            assert bulk.response(large).status()[0] == 0
    raise AssertionError("the queue was never full")


@pytest.mark.parametrize("priority", ["interactive", "batch"])
def test_priorities_are_the_server_s_own(server, priority):
    with Client(server.grpc, priority=priority) as client:
        assert client.encode("a", task="search").shape == (1, 64)
