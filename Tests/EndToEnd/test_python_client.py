"""The Python client with a real server."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import scimult as package
from scimult import Client, InvalidArgumentError, UnimplementedError

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture
def client(server):
    with Client(server.grpc) as client:
        yield client


@pytest.fixture(scope="module")
def papers():
    return [json.loads(line) for line in (EXAMPLES / "papers.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("task", ["classification", "link_prediction", "search"])
def test_encode(client, expected, task):
    rows = [row for row in expected if row.task == task]
    vectors = client.encode((row.line for row in rows), task=task)
    assert (vectors.shape, vectors.dtype) == ((len(rows), 64), np.float32)
    np.testing.assert_allclose(vectors, [row.embedding for row in rows], rtol=0, atol=5e-5)


def test_formats_agree(client, papers):
    exact = client.encode(papers, task="search", role="candidate")
    half = client.encode(papers, task="search", role="candidate", format="float16")
    byte = client.encode(papers, task="search", role="candidate", format="int8")
    bits = client.encode(papers, task="search", role="candidate", format="binary")
    np.testing.assert_allclose(half, exact, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(byte, exact, rtol=0, atol=np.abs(exact).max() / 250)
    clear = np.abs(exact) > 1e-4
    np.testing.assert_array_equal(np.unpackbits(bits, axis=1)[clear], (exact > 0)[clear])


def test_small_messages_give_the_same(client, papers, start_server):
    whole = client.rank("machine translation", papers, task="search", return_documents=True)
    vectors = client.encode(papers, task="search")
    small = start_server(
        *("--precision", "fp32", "--max-documents", "7", "--max-message-bytes", "3000")
    )
    with Client(small.grpc) as split:
        np.testing.assert_allclose(split.encode(papers, task="search"), vectors, rtol=0, atol=1e-5)
        parts = split.rank("machine translation", papers, task="search", return_documents=True)
    by_index = sorted(whole, key=lambda result: result.index)
    for result, expected in zip(
        sorted(parts, key=lambda result: result.index), by_index, strict=True
    ):
        assert (result.id, result.document) == (expected.id, expected.document)
        assert result.score == pytest.approx(expected.score, rel=1e-4, abs=1e-4)


def test_ties_across_requests_are_in_order_of_index(client):
    results = client.rank("query", ["same text"] * 1500, task="search")
    assert [result.index for result in results] == list(range(1500))


def test_model(client):
    model = client.model()
    assert model.name == "tiny-expert"
    assert set(model.tasks) == {"classification", "link_prediction", "search"}


def test_errors_keep_status_message_and_fields(client):
    with pytest.raises(InvalidArgumentError, match="512") as caught:
        client.encode(["fine"] * 200 + ["a " * 600], task="search", reject_truncation=True)
    assert [violation.field for violation in caught.value.violations] == ["documents[200]"]


def test_what_the_wire_does_not_carry_is_mended(client):
    mended = client.encode(["ab", "angle \ufffd of"], task="search")
    given = client.encode(["a\0b", "angle \ud835 of"], task="search")
    np.testing.assert_allclose(given, mended, rtol=0, atol=1e-5)


def test_every_error_is_a_scimult_error(client):
    assert issubclass(UnimplementedError, package.ScimultError)
    with pytest.raises(package.ScimultError, match="512"):
        client.encode("a " * 600, task="search", reject_truncation=True)
