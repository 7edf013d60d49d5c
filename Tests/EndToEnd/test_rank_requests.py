"""Rank: candidates by the similarity of their embeddings to the query's."""

from __future__ import annotations

import numpy as np
import pytest

from harness.calls import encode, rank
from scimult._generated import scimult_pb2 as pb

QUERY = pb.Document(id="q", text="which papers discuss mixture of experts")
CANDIDATES = [
    pb.Document(id=f"c{number}", paper=pb.Paper(title=title, abstract=f"about {title}"))
    for number, title in enumerate(
        ["cells", "graphs", "galaxies", "experts", "proteins", "retrieval", "lasers", "ferns"]
    )
]


def request(**fields) -> pb.RankRequest:
    return pb.RankRequest(**{"task": pb.TASK_SEARCH, "query": QUERY, **fields})


def vectors(channel, documents, role) -> np.ndarray:
    response = encode(
        channel, pb.EncodeRequest(task=pb.TASK_SEARCH, role=role, documents=documents)
    )
    return np.array([embedding.values for embedding in response.embeddings], np.float32)


def similarities(channel) -> np.ndarray:
    query = vectors(channel, [QUERY], pb.ROLE_QUERY)[0]
    return vectors(channel, CANDIDATES, pb.ROLE_CANDIDATE) @ query


def test_scores_are_dot_products_best_first(server, channel):
    response = rank(channel, request(request_id="r", candidates=CANDIDATES))
    expected = similarities(channel)
    assert [result.index for result in response.results] == list(np.argsort(-expected))
    np.testing.assert_allclose(
        [result.score for result in response.results], -np.sort(-expected), rtol=1e-4
    )
    assert all(result.id == f"c{result.index}" for result in response.results)
    assert not any(result.HasField("document") for result in response.results)
    assert (response.request_id, response.model) == ("r", "tiny-expert")
    assert not response.HasField("status")


def test_query_and_candidates_have_roles_of_their_own(start_server, golden_variants):
    with start_server(model=golden_variants / "separate-encoders").channel() as channel:
        response = rank(channel, request(candidates=CANDIDATES))
        by_index = sorted(response.results, key=lambda result: result.index)
        np.testing.assert_allclose(
            [result.score for result in by_index], similarities(channel), rtol=1e-3, atol=1e-4
        )


def test_cosine_models_score_between_minus_one_and_one(start_server, golden_variants):
    with start_server(model=golden_variants / "mean-pool").channel() as channel:
        response = rank(channel, request(candidates=[*CANDIDATES, QUERY]))
        assert response.results[0].index == len(CANDIDATES)
        assert response.results[0].score == pytest.approx(1, abs=1e-5)
        assert all(-1.00001 <= result.score <= 1.00001 for result in response.results)


def test_ties_are_in_order_of_index(channel):
    response = rank(channel, request(candidates=[CANDIDATES[2]] * 9))
    assert [result.index for result in response.results] == list(range(9))


@pytest.mark.parametrize(
    ("top_k", "count"), [(0, 8), (1, 1), (3, 3), (8, 8), (9, 8), (2**32 - 1, 8)]
)
def test_top_k_is_the_head_of_the_ranking(channel, top_k, count):
    whole = rank(channel, request(candidates=CANDIDATES)).results
    head = rank(channel, request(candidates=CANDIDATES, top_k=top_k)).results
    assert [result.index for result in head] == [result.index for result in whole[:count]]


def test_return_documents_echoes_each_candidate(channel):
    candidates = [*CANDIDATES, pb.Document(text="plain"), pb.Document(id="blank", text="")]
    response = rank(channel, request(candidates=candidates, return_documents=True))
    assert len(response.results) == len(candidates)
    for result in response.results:
        assert result.document == candidates[result.index]


def test_one_candidate(channel):
    response = rank(channel, request(candidates=CANDIDATES[:1]))
    assert [result.index for result in response.results] == [0]
