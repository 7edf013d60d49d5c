"""Several servers behind one Python client: calls succeed if one is killed, stopped or down."""

from __future__ import annotations

import asyncio
import signal

import numpy as np
import pytest

from harness.metrics import Metrics
from scimult import AsyncClient, Client

#: Distinct documents, so that none is answered from a cache.
DOCUMENTS = [f"cells of kind {number}, and of others" for number in range(6_000)]

FP32 = ("--precision", "fp32")


@pytest.fixture
def servers(start_server):
    return [start_server(*FP32) for _ in range(2)]


@pytest.fixture(scope="module")
def expected(server):
    with Client(server.grpc) as client:
        return client.encode(DOCUMENTS, task="search")


def served(server):
    return Metrics.of(server).total("scimult_texts_total")


def check(rows, expected):
    assert [row.index for row in rows] == list(range(len(DOCUMENTS)))
    np.testing.assert_allclose([row.embedding for row in rows], expected, rtol=0, atol=1e-5)


def test_both_serve(servers, expected):
    with Client([server.grpc for server in servers]) as client:
        check(list(client.encode_iter(DOCUMENTS, task="search")), expected)
    shares = [served(server) / len(DOCUMENTS) for server in servers]
    assert sum(shares) == pytest.approx(1)
    assert min(shares) > 0.3


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "stopped"])
def test_one_that_goes_away_fails_no_call(servers, expected, number):
    going, staying = servers
    rows = []
    with Client([server.grpc for server in servers]) as client:
        for row in client.encode_iter(DOCUMENTS, task="search"):
            rows.append(row)
            if row.index == 1_000:
                assert served(going) > 0
                going.signal(number)
    check(rows, expected)
    code = going.wait()
    assert code == (0 if number is signal.SIGTERM else -number)
    assert served(staying) > len(DOCUMENTS) / 2


def test_one_that_goes_away_fails_no_call_of_asyncio(servers, expected):
    going, _ = servers

    async def main():
        rows = []
        async with AsyncClient([server.grpc for server in servers]) as client:
            async for row in client.encode_iter(DOCUMENTS, task="search"):
                rows.append(row)
                if row.index == 1_000:
                    going.signal(signal.SIGKILL)
        return rows

    check(asyncio.run(main()), expected)
    going.wait()


def test_one_that_comes_back_serves_again(start_server, servers):
    going, staying = servers
    with Client([server.grpc for server in servers]) as client:
        client.encode("before", task="search")
        going.stop()
        assert len(client.encode(DOCUMENTS[:100], task="search")) == 100
        back = start_server(*FP32, listen=going.grpc)
        staying.stop()
        # While gRPC waits before it reconnects, calls are repeated automatically.
        assert len(client.encode(DOCUMENTS[:100], task="search")) == 100
        assert served(back) == 100
        start_server(*FP32, listen=staying.grpc)


def test_a_name_stands_for_all_its_addresses(start_server):
    """On most machines localhost is also ::1, where no server listens."""
    server = start_server(*FP32)
    with Client(f"dns:///localhost:{server.port}") as client:
        assert len(client.encode(DOCUMENTS[:300], task="search")) == 300
