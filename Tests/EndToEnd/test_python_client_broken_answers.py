"""A connection that breaks, at any point, fails no call of the Python client."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from harness.proxy import Harm, Proxy
from scimult import AsyncClient, Client, UnavailableError

DOCUMENTS = [f"cells of kind {number}" for number in range(120)]

#: The first connection breaks in one direction, within the two answers of 30 KB.
FIRST_BREAKS = Harm(cut_after_bytes=50_000, cut_connections=1)

SEEDS = range(12)


@pytest.fixture(scope="module")
def expected(server):
    with Client(server.grpc) as client:
        return client.encode(DOCUMENTS, task="search")


def check(rows, expected):
    np.testing.assert_allclose(rows, expected, rtol=0, atol=1e-5)


def iterate(client):
    return client.encode_iter(DOCUMENTS, task="search", documents_per_request=60)


@pytest.mark.parametrize("seed", SEEDS)
def test_threads(server, expected, seed):
    with Proxy(server.host, server.port, FIRST_BREAKS, seed) as proxy:
        with Client(proxy.address) as client:
            check(client.encode(DOCUMENTS, task="search"), expected)
            check([row.embedding for row in iterate(client)], expected)
        assert proxy.cuts == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_asyncio(server, expected, seed):
    async def main(address):
        async with AsyncClient(address) as client:
            check(await client.encode(DOCUMENTS, task="search"), expected)
            check([row.embedding async for row in iterate(client)], expected)

    with Proxy(server.host, server.port, FIRST_BREAKS, seed) as proxy:
        asyncio.run(main(proxy.address))
        assert proxy.cuts == 1


def test_who_wants_no_attempts_is_told(server):
    def fails(seed):
        with (
            Proxy(server.host, server.port, FIRST_BREAKS, seed) as proxy,
            Client(proxy.address, retries=0) as client,
        ):
            try:
                client.encode(DOCUMENTS, task="search")
            except UnavailableError:
                return True
            return False

    assert any(map(fails, SEEDS))
