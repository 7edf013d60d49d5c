"""Kinds of documents, and the fields that are returned with an embedding."""

from __future__ import annotations

import pytest

from harness.calls import encode
from scimult._generated import scimult_pb2 as pb


def paper(title: str, abstract: str) -> pb.Document:
    return pb.Document(paper=pb.Paper(title=title, abstract=abstract))


def test_ids_request_id_and_model_come_back(server, channel):
    ids = ["", "a", "a", "Δ-7 \U0001f9ec", "x" * 1000]
    documents = [pb.Document(id=identifier, text="same") for identifier in ids]
    response = encode(
        channel, pb.EncodeRequest(request_id="r/1", task=pb.TASK_SEARCH, documents=documents)
    )
    assert [embedding.id for embedding in response.embeddings] == ids
    assert response.request_id == "r/1"
    assert response.model == "tiny-expert"
    assert not response.HasField("status")


def test_answers_keep_the_order_of_documents_of_mixed_lengths(channel):
    words = [1, 300, 2, 40, 7, 500, 1, 90]
    documents = [pb.Document(text="a " * count) for count in words]
    response = encode(channel, pb.EncodeRequest(task=pb.TASK_SEARCH, documents=documents))
    assert [embedding.tokens for embedding in response.embeddings] == [count + 2 for count in words]


@pytest.mark.parametrize(
    ("document", "tokens"),
    [
        (pb.Document(text=""), 2),
        (pb.Document(text=" \t\n "), 2),
        (paper("", ""), 3),
        (paper("cells", ""), 4),
        (paper("", "cells"), 4),
    ],
    ids=["empty text", "blank text", "empty paper", "no abstract", "no title"],
)
def test_empty_and_blank_strings_encode_as_what_is_left(channel, document, tokens):
    response = encode(channel, pb.EncodeRequest(task=pb.TASK_SEARCH, documents=[document]))
    (embedding,) = response.embeddings
    assert embedding.tokens == tokens
    assert len(embedding.values) == 64


def test_paper_is_its_title_and_abstract_around_a_separator(channel):
    documents = [paper("on cells", "they divide"), pb.Document(text="on cells [SEP] they divide")]
    response = encode(channel, pb.EncodeRequest(task=pb.TASK_SEARCH, documents=documents))
    as_paper, as_text = response.embeddings
    assert list(as_paper.values) == pytest.approx(list(as_text.values), abs=1e-5)


def test_role_unspecified_is_query(start_server, golden_variants):
    def first_value(role: pb.Role) -> float:
        request = pb.EncodeRequest(
            task=pb.TASK_SEARCH, role=role, documents=[pb.Document(text="ferns")]
        )
        return encode(channel, request).embeddings[0].values[0]

    with start_server(model=golden_variants / "separate-encoders").channel() as channel:
        query = first_value(pb.ROLE_QUERY)
        assert first_value(pb.ROLE_UNSPECIFIED) == pytest.approx(query, abs=1e-5)
        assert first_value(pb.ROLE_CANDIDATE) != pytest.approx(query, abs=1e-3)
