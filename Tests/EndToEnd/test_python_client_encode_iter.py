"""The Python client embeds an unbounded number of documents with a real server."""

from __future__ import annotations

import asyncio
import json
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from harness.metrics import Metrics
from scimult import AsyncClient, Client, InvalidArgumentError

PAPERS = Path(__file__).resolve().parents[2] / "examples/papers.jsonl"


@pytest.fixture(scope="module")
def papers():
    return [json.loads(line) for line in PAPERS.read_text().splitlines()]


def test_papers_of_a_file(server, papers):
    with Client(server.grpc) as client, PAPERS.open() as lines:
        expected = client.encode(papers, task="link_prediction", role="candidate")
        rows = list(
            client.encode_iter(
                map(json.loads, lines),
                task="link_prediction",
                role="candidate",
                documents_per_request=5,
            )
        )
    assert [row.document for row in rows] == papers
    np.testing.assert_allclose([row.embedding for row in rows], expected, rtol=0, atol=1e-5)
    assert all(2 < row.tokens <= 512 for row in rows)


def test_asyncio_gives_the_same(server, papers):
    async def main():
        async with AsyncClient(server.grpc) as client:
            return [row async for row in client.encode_iter(papers, task="search")]

    with Client(server.grpc) as client:
        expected = client.encode(papers, task="search")
    rows = asyncio.run(main())
    np.testing.assert_allclose([row.embedding for row in rows], expected, rtol=0, atol=1e-5)


def test_documents_that_the_server_refuses_fail_alone(server):
    documents = [f"text {number}" for number in range(300)]
    documents[17] = documents[250] = "long " * 600
    with Client(server.grpc) as client:
        rows = list(
            client.encode_iter(documents, task="search", reject_truncation=True, on_error="yield")
        )
        assert [row.index for row in rows if row.error] == [17, 250]
        assert isinstance(rows[17].error, InvalidArgumentError)
        assert [rows[17].error.violations[0].field] == ["documents[17]"]
        assert "512" in str(rows[250].error)
        with pytest.raises(InvalidArgumentError, match=r"documents\[17\]"):
            list(client.encode_iter(documents, task="search", reject_truncation=True))


def test_a_text_longer_than_the_model_reads_is_marked(server):
    with Client(server.grpc) as client:
        rows = list(client.encode_iter(["short", "long " * 600], task="search"))
    assert [row.truncated for row in rows] == [False, True]
    assert rows[1].tokens == 512


def test_a_source_without_end_is_read_as_rows_are_taken(server):
    read = 0

    def endless():
        nonlocal read
        while True:
            read += 1
            yield f"text {read}"

    with Client(server.grpc) as client:
        rows = client.encode_iter(endless(), task="search", concurrency=4)
        assert [row.index for row in islice(rows, 5_000)] == list(range(5_000))
        rows.close()
    assert read <= 5_000 + 5 * 32


def test_a_small_queue_fills_and_nothing_is_lost(start_server):
    """More requests run than the server has space for, so it names a time for a retry."""
    server = start_server("--threads", "1", "--cache-bytes", "0", "--max-queue-tokens", "8000")
    documents = [f"{number} " + "long " * 100 for number in range(1_000)]
    with Client(server.grpc, retries=4) as client:
        rows = list(client.encode_iter(documents, task="search", concurrency=8))
    assert [row.index for row in rows] == list(range(1_000))
    assert Metrics.of(server).value("scimult_refusals_total", reason="queue_full") > 0
