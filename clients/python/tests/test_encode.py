"""Embeddings: one row for each document, in order, for all kinds of input and all formats."""

from __future__ import annotations

import numpy as np
import pytest

from scimult import Paper, Text
from scimult._generated import scimult_pb2 as pb

PAPER = Paper("Attention Is All You Need", "A network of attention alone.", id="vaswani")
PAPER_MESSAGE = pb.Document(paper=pb.Paper(title=PAPER.title, abstract=PAPER.abstract))


@pytest.mark.parametrize(
    "document",
    [
        PAPER,
        {"title": PAPER.title, "abstract": PAPER.abstract, "id": 7, "year": 2017},
        [(PAPER.title, PAPER.abstract)],
    ],
    ids=["Paper", "mapping", "tuple"],
)
def test_forms_of_a_paper(client, server, document):
    rows = client.encode(document, task="search")
    assert rows.shape == (1, server.dimensions)
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(rows[0], server.vector(PAPER_MESSAGE, pb.TASK_SEARCH))


@pytest.mark.parametrize("document", ["some text", Text("some text"), {"text": "some text"}])
def test_forms_of_a_text(client, server, document):
    rows = client.encode(document, task="search")
    expected = server.vector(pb.Document(text="some text"), pb.TASK_SEARCH)
    np.testing.assert_array_equal(rows, expected[np.newaxis])


def test_null_abstract_is_an_empty_one(client):
    rows = client.encode([{"title": "a", "abstract": None}, ("a", ""), Paper("a")], task="search")
    np.testing.assert_array_equal(rows[0], rows[1])
    np.testing.assert_array_equal(rows[0], rows[2])


def test_generator_is_cut_at_the_limit_of_documents(client, server):
    texts = [f"text {number}" for number in range(2 * server.max_documents + 3)]
    rows = client.encode((text for text in texts), task="search")
    assert server.requests == [server.max_documents, server.max_documents, 3]
    expected = [server.vector(pb.Document(text=text), pb.TASK_SEARCH) for text in texts]
    np.testing.assert_array_equal(rows, expected)


def test_requests_stay_small_where_the_server_would_take_more(client, server):
    server.max_documents, server.max_message_bytes = 1000, 1 << 20
    client.encode((f"text {number}" for number in range(300)), task="search")
    assert server.requests == [128, 128, 44]


def test_long_texts_are_cut_at_the_limit_of_bytes(client, server):
    texts = [letter * 1500 for letter in "abcde"]
    rows = client.encode(texts, task="search")
    assert server.requests == [2, 2, 1]
    assert rows.shape == (5, server.dimensions)


def test_wide_embeddings_are_cut_at_the_response_s_bytes(client, server):
    server.dimensions = 400
    rows = client.encode(["a", "b", "c", "d", "e"], task="search")
    assert server.requests == [2, 2, 1]
    assert rows.shape == (5, 400)
    server.requests.clear()
    client.encode(["a", "b", "c", "d", "e"], task="search", format="binary")
    assert server.requests == [5]


def test_iterable_is_read_lazily(client, server):
    read_before_request = []
    server.intercept = lambda request, context: read_before_request.append(read)
    read = 0

    def texts():
        nonlocal read
        for number in range(5 * server.max_documents):
            read = number + 1
            yield f"text {number}"

    client.encode(texts(), task="search")
    assert read_before_request[0] < 5 * server.max_documents


def test_nothing_gives_an_array_of_no_rows(client, server):
    assert client.encode([], task="search").shape == (0, server.dimensions)
    binary = client.encode([], task="search", format="binary")
    assert (binary.shape, binary.dtype) == ((0, 2), np.uint8)
    assert server.requests == []


def test_task_and_role_travel(client, server):
    seen = []
    server.intercept = lambda request, context: seen.append((request.task, request.role))
    client.encode("a", task="classification")
    client.encode("a", task="link-prediction", role="candidate")
    client.encode("a", task="link_prediction", role="query")
    assert seen == [
        (pb.TASK_CLASSIFICATION, pb.ROLE_QUERY),
        (pb.TASK_LINK_PREDICTION, pb.ROLE_CANDIDATE),
        (pb.TASK_LINK_PREDICTION, pb.ROLE_QUERY),
    ]


def test_normalize_and_reject_truncation_travel(client, server):
    seen = []
    server.intercept = lambda request, context: seen.append(request.reject_truncation)
    rows = client.encode(["a", "b"], task="search", normalize=True, reject_truncation=True)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, rtol=1e-6)
    assert seen == [True]


def test_float16_becomes_float32(client):
    exact = client.encode(["a", "b"], task="search")
    rows = client.encode(["a", "b"], task="search", format="float16")
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(rows, exact.astype(np.float16).astype(np.float32))


def test_int8_becomes_float32_by_each_row_s_scale(client):
    exact = client.encode(["a", "b"], task="search")
    rows = client.encode(["a", "b"], task="search", format="int8")
    assert rows.dtype == np.float32
    steps = np.abs(exact).max(axis=1, keepdims=True) / 127
    assert (np.abs(rows - exact) <= steps * 0.501).all()


def test_binary_stays_packed(client, server):
    exact = client.encode(["a", "b"], task="search")
    rows = client.encode(["a", "b"], task="search", format="binary")
    assert (rows.shape, rows.dtype) == ((2, 2), np.uint8)
    bits = np.unpackbits(rows, axis=1, count=server.dimensions)
    np.testing.assert_array_equal(bits, exact > 0)


def test_rows_can_be_written_to(client):
    for format in ("float32", "float16", "int8", "binary"):
        client.encode("a", task="search", format=format)[0, 0] = 1
