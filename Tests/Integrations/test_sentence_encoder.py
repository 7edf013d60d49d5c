"""SentenceEncoder and the sentence-transformers library, compared on a model that both read."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from closeness import assert_close
from scimult import Client, SentenceEncoder

SENTENCES = ["graph neural networks", "protein folding", "a much longer sentence about cells"]


@pytest.fixture
def encoder(start_server, minilm):
    server = start_server("--precision", "fp32", model=minilm)
    with Client(server.grpc) as client:
        yield SentenceEncoder(client, task="search")


@pytest.fixture(scope="module")
def original(minilm) -> SentenceTransformer:
    return SentenceTransformer(str(minilm), device="cpu")


def test_it_gives_what_the_library_gives(encoder, original):
    for sentences in (SENTENCES, SENTENCES[0]):
        for options in ({}, {"normalize_embeddings": True}, {"batch_size": 1}):
            expected = original.encode(sentences, **options)
            got = encoder.encode(sentences, **options)
            assert (type(got), got.shape, got.dtype) == (
                type(expected),
                expected.shape,
                expected.dtype,
            )
            assert_close(got, expected)


def test_tensors_and_lists(encoder, original):
    tensor = encoder.encode(SENTENCES, convert_to_tensor=True)
    assert_close(tensor, original.encode(SENTENCES, convert_to_tensor=True))
    assert type(tensor) is type(original.encode(SENTENCES, convert_to_tensor=True))
    rows = encoder.encode(SENTENCES, convert_to_numpy=False)
    assert isinstance(rows, list)
    assert_close(np.stack(rows), tensor)


def test_nothing_gives_nothing(encoder):
    assert encoder.encode([]).shape == (0, 384)


def test_what_it_says_of_itself(encoder, original):
    assert encoder.get_sentence_embedding_dimension() == original.get_embedding_dimension() == 384
    assert encoder.max_seq_length == original.max_seq_length


def test_similarity_is_the_library_s(encoder, original):
    left, right = encoder.encode(SENTENCES), encoder.encode(SENTENCES[:2])
    assert_close(encoder.similarity(left, right), original.similarity(left, right))


def test_arguments_of_encode_have_the_library_s_names(encoder):
    own = set(inspect.signature(encoder.encode).parameters) - {"sentences", "role"}
    assert own <= set(inspect.signature(SentenceTransformer.encode).parameters)


def test_progress_is_shown_on_request(encoder, capfd):
    encoder.encode(SENTENCES, show_progress_bar=True)
    assert "3/3" in capfd.readouterr().err


def test_sides_of_a_comparison(server, papers):
    with Client(server.grpc) as client:
        encoder = SentenceEncoder(client, task="link_prediction", role="candidate")
        for role, rows in (
            ("candidate", encoder.encode(papers)),
            ("query", encoder.encode_query(papers)),
            ("candidate", encoder.encode_document(papers)),
        ):
            assert_close(rows, client.encode(papers, task="link_prediction", role=role))


def test_options_are_the_client_s(server):
    encoder = SentenceEncoder(server.grpc, task="search", retries=0)
    assert encoder.encode("cells").shape == (64,)
    with pytest.raises(TypeError, match="retries"):
        SentenceEncoder(encoder.client, task="search", retries=0)
