"""Rankings: best first, ties by index, the same for one request and for many."""

from __future__ import annotations

from itertools import pairwise

import pytest
from fake_server import FakeServer, running

from scimult import Client, Paper, RankedCandidate, Text

CANDIDATES = [Paper(f"title {number}", "abstract", id=f"p{number}") for number in range(50)]


def test_many_requests_give_the_ranking_of_one(client, server):
    split = client.rank("query", iter(CANDIDATES), task="search")
    assert len(server.requests) == 7
    with (
        running(FakeServer(max_documents=1000, max_message_bytes=1 << 20)) as roomy,
        Client(roomy.address) as whole_client,
    ):
        whole = whole_client.rank("query", CANDIDATES, task="search")
        assert roomy.requests == [50]
    assert split == whole
    assert sorted(result.index for result in split) == list(range(50))
    assert all(result.id == f"p{result.index}" for result in split)
    assert all(a.score >= b.score for a, b in pairwise(split))


def test_top_k_is_the_head_of_the_whole_ranking(client):
    whole = client.rank("query", CANDIDATES, task="search")
    assert client.rank("query", CANDIDATES, task="search", top_k=12) == whole[:12]
    assert client.rank("query", CANDIDATES, task="search", top_k=1000) == whole


def test_top_k_travels(client, server):
    seen = []
    server.intercept = lambda request, context: seen.append(request.top_k)
    client.rank("query", CANDIDATES[:3], task="search", top_k=2)
    client.rank("query", CANDIDATES[:3], task="search")
    assert seen == [2, 0]


def test_ties_across_requests_are_in_order_of_index(client, server):
    same = ["twin"] * (2 * server.max_documents + 1)
    results = client.rank("query", same, task="search")
    assert [result.index for result in results] == list(range(len(same)))
    top = client.rank("query", same, task="search", top_k=3)
    assert [result.index for result in top] == [0, 1, 2]


def test_roundings_between_requests_do_not_break_ties(client, server):
    server.rounding = 1e-6
    twins = [Paper("twin", id=str(number)) for number in range(3 * server.max_documents)]
    results = client.rank("query", twins, task="search")
    assert [result.index for result in results] == list(range(len(twins)))
    assert len({result.score for result in results}) == 1


def test_documents_come_back_when_asked_for(client):
    candidates = [Paper("t", "a", id="1"), Text("plain", id="2"), "text", ("t2", "a2")]
    results = client.rank("query", candidates, task="search", return_documents=True)
    by_index = {result.index: result.document for result in results}
    assert by_index == {
        0: Paper("t", "a", id="1"),
        1: Text("plain", id="2"),
        2: Text("text"),
        3: Paper("t2", "a2"),
    }
    without = client.rank("query", candidates, task="search")
    assert all(result.document is None for result in without)


def test_returned_documents_keep_within_the_response_s_bytes(client, server):
    candidates = [letter * 1300 for letter in "abcdefg"]
    results = client.rank("query", candidates, task="search", return_documents=True)
    assert len(results) == 7
    assert max(server.requests) <= 3


def test_query_may_be_a_tuple_and_counts_towards_the_request(client, server):
    results = client.rank(("t" * 2000, "a"), ["x" * 1500, "y" * 1500], task="search")
    assert server.requests == [1, 1]
    assert {result.index for result in results} == {0, 1}


def test_no_candidates_rank_to_nothing(client, server):
    assert client.rank("query", [], task="search") == []
    assert server.requests == []


def test_result_reads_well():
    result = RankedCandidate(index=3, id="a", score=0.5)
    assert repr(result) == "RankedCandidate(index=3, id='a', score=0.5, document=None)"


@pytest.mark.parametrize("top_k", [0, -1])
def test_top_k_below_one_is_refused(client, top_k):
    with pytest.raises(ValueError, match="top_k"):
        client.rank("query", CANDIDATES, task="search", top_k=top_k)
