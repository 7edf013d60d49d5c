"""SentenceEncoder in sentence-transformers' evaluators and searches, compared with their model."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer, util
from sentence_transformers.sentence_transformer.evaluation import (
    BinaryClassificationEvaluator,
    EmbeddingSimilarityEvaluator,
    InformationRetrievalEvaluator,
    MSEEvaluator,
    ParaphraseMiningEvaluator,
    RerankingEvaluator,
    TranslationEvaluator,
    TripletEvaluator,
)

from closeness import assert_close
from scimult import Client, SentenceEncoder

SENTENCES = [
    *("graph neural networks", "networks of neurons on graphs", "protein folding"),
    *("how proteins fold", "cell division in yeast", "budding yeast divides"),
    *("machine translation", "translating between languages", "stars and galaxies"),
]
LEFT, RIGHT = SENTENCES[0:8:2], SENTENCES[1:8:2]
IDS = {str(number): sentence for number, sentence in enumerate(SENTENCES)}

EVALUATORS = {
    "information retrieval": InformationRetrievalEvaluator(
        {"q": "neural networks", "r": "yeast"}, IDS, {"q": {"0", "1"}, "r": {"4", "5"}}
    ),
    "information retrieval, cut": InformationRetrievalEvaluator(
        {"q": "neural networks", "r": "yeast"},
        IDS,
        {"q": {"0", "1"}, "r": {"4", "5"}},
        truncate_dim=32,
    ),
    "binary classification": BinaryClassificationEvaluator(
        LEFT * 2, RIGHT + RIGHT[1:] + RIGHT[:1], [1] * 4 + [0] * 4
    ),
    "similarity": EmbeddingSimilarityEvaluator(LEFT, RIGHT, [0.9, 0.8, 0.3, 0.6]),
    "similarity of bits": EmbeddingSimilarityEvaluator(
        LEFT, RIGHT, [0.9, 0.8, 0.3, 0.6], precision="ubinary", main_similarity="cosine"
    ),
    "triplets": TripletEvaluator(LEFT, RIGHT, RIGHT[1:] + RIGHT[:1]),
    "reranking": RerankingEvaluator(
        [
            {"query": "yeast", "positive": SENTENCES[4:6], "negative": SENTENCES[:4]},
            {"query": "proteins", "positive": SENTENCES[2:4], "negative": SENTENCES[4:]},
        ]
    ),
    "paraphrases": ParaphraseMiningEvaluator(IDS, [("0", "1"), ("2", "3"), ("4", "5")]),
    "translation": TranslationEvaluator(LEFT, RIGHT),
}


@pytest.fixture(scope="module")
def original(minilm) -> SentenceTransformer:
    return SentenceTransformer(str(minilm), device="cpu")


@pytest.fixture
def encoder(start_server, minilm):
    server = start_server("--precision", "fp32", model=minilm)
    with Client(server.grpc) as client:
        yield SentenceEncoder(client, task="search")


@pytest.mark.parametrize("name", EVALUATORS)
def test_evaluators(encoder, original, name):
    evaluator = EVALUATORS[name]
    got, expected = evaluator(encoder), evaluator(original)
    # A model that only has dot products still compares the same vectors of length 1.
    named = {key.replace("dot", "cosine"): value for key, value in got.items()}
    assert named == pytest.approx(expected, abs=1e-4)


def test_evaluator_of_a_student(encoder, original):
    evaluator = MSEEvaluator(SENTENCES, SENTENCES, teacher_model=original)
    assert evaluator(encoder)["negative_mse"] == pytest.approx(0, abs=1e-4)


def test_paraphrase_mining(encoder, original):
    got = util.paraphrase_mining(encoder, SENTENCES, top_k=3)
    expected = util.paraphrase_mining(original, SENTENCES, top_k=3)
    assert [pair[1:] for pair in got] == [pair[1:] for pair in expected]
    assert_close([pair[0] for pair in got], [pair[0] for pair in expected])


def test_semantic_search(encoder, original):
    for options in ({}, {"convert_to_tensor": True}):
        got, expected = (
            util.semantic_search(
                model.encode_query("yeast", **options),
                model.encode_document(SENTENCES, **options),
                top_k=3,
            )
            for model in (encoder, original)
        )
        assert [each["corpus_id"] for each in got[0]] == [each["corpus_id"] for each in expected[0]]


def test_community_detection(encoder, original):
    got, expected = (
        util.community_detection(
            model.encode(SENTENCES, convert_to_tensor=True), threshold=0.4, min_community_size=2
        )
        for model in (encoder, original)
    )
    assert got == expected


@pytest.mark.parametrize(
    "options",
    [
        {"prompt_name": None, "prompt": None, "truncate_dim": None, "device": None},
        {"prompt": "", "device": "cpu", "pool": None, "chunk_size": None, "precision": "float32"},
        {"output_value": "sentence_embedding", "normalize_embeddings": False},
        {"truncate_dim": 16},
        {"truncate_dim": 16, "normalize_embeddings": True},
        {"truncate_dim": 1000},
        {"precision": "binary"},
        {"precision": "ubinary", "truncate_dim": 64},
        {"convert_to_tensor": True, "truncate_dim": 16},
    ],
    ids=str,
)
@pytest.mark.parametrize("sentences", [SENTENCES, "yeast"], ids=["many", "one"])
def test_arguments_mean_what_they_mean_there(encoder, original, sentences, options):
    got, expected = (model.encode(sentences, **options) for model in (encoder, original))
    assert (type(got), got.shape, got.dtype) == (type(expected), expected.shape, expected.dtype)
    assert_close(got, expected)


def test_arguments_have_the_places_that_they_have_there(encoder, original):
    words = (None, None, 2, False, "sentence_embedding", "ubinary")
    got, expected = (model.encode(SENTENCES, *words) for model in (encoder, original))
    assert_close(got, expected)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"prompt": "query: "}, "prompt is 'query: '"),
        ({"prompt_name": "clustering"}, "prompt_name 'clustering': expected 'query', 'document'"),
        ({"output_value": "token_embeddings"}, "output_value 'token_embeddings'"),
        ({"precision": "int8"}, "precision 'int8': expected 'float32', 'binary', 'ubinary'"),
        ({"pool": {}}, "pool"),
        ({"device": ["cpu", "cpu"]}, "device"),
        ({"truncate_dim": 0}, "truncate_dim is 0: expected at least 1"),
        ({"batch_size": 0}, "batch_size is 0: expected at least 1"),
        ({"prompt_name": "query", "role": "candidate"}, "give one of them"),
    ],
)
def test_what_has_no_meaning_over_a_server_is_refused(encoder, options, words):
    with pytest.raises(ValueError, match=words):
        encoder.encode(SENTENCES, **options)


def test_names_of_prompts_are_roles(server, papers):
    with Client(server.grpc) as client:
        encoder = SentenceEncoder(client, task="link_prediction")
        for role, rows in (
            ("query", encoder.encode(papers, prompt_name="query")),
            ("candidate", encoder.encode(papers, prompt_name="document")),
            ("candidate", encoder.encode(papers, prompt_name="passage")),
            ("query", encoder.encode_document(papers, prompt_name="query")),
        ):
            assert_close(rows, client.encode(papers, task="link_prediction", role=role))


def test_an_encoder_that_cuts(encoder, original, start_server, minilm):
    cutting = SentenceEncoder(encoder.client, task="search", truncate_dim=16)
    own = SentenceTransformer(str(minilm), device="cpu", truncate_dim=16)
    assert cutting.get_embedding_dimension() == own.get_embedding_dimension() == 16
    assert_close(cutting.encode(SENTENCES), own.encode(SENTENCES))


@pytest.mark.parametrize("form", [np.asarray, torch.as_tensor, lambda rows: [*rows]])
def test_similarity(encoder, original, form):
    left, right = form(original.encode(LEFT)), form(original.encode(RIGHT))
    assert_close(encoder.similarity(left, right), original.similarity(left, right))
    assert_close(
        encoder.similarity_pairwise(left, right), original.similarity_pairwise(left, right)
    )
    one = original.encode(LEFT[0])
    assert_close(encoder.similarity(one, right), original.similarity(one, right))
