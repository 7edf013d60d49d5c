"""Experts by task and role: SPECTER2's adapters, each of which serves its own tasks."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import grpc
import numpy as np
import pytest

from harness.calls import SERVICE, encode, get_model, rank
from harness.golden import (
    ROLES,
    VALUE_ERROR_MAX,
    GoldenRow,
    Rows,
    assert_golden,
    assert_golden_together,
    embeddings,
    encode_request,
    golden_rows,
    values,
)
from harness.texts import TASKS
from scimult._generated import scimult_pb2 as pb

#: As GetModel returns them: the names in the adapters' own files.
EXPERTS = {
    ("classification", "query"): "[CLF]",
    ("classification", "candidate"): "[CLF]",
    ("link_prediction", "query"): "[PRX]",
    ("link_prediction", "candidate"): "[PRX]",
    ("search", "query"): "[QRY]",
    ("search", "candidate"): "[PRX]",
    ("regression", "query"): "[RGN]",
    ("regression", "candidate"): "[RGN]",
}
ADAPTERS = {"[CLF]", "[PRX]", "[QRY]", "[RGN]"}


@pytest.fixture(scope="module")
def rows(specter2) -> Rows:
    return golden_rows(specter2)


@pytest.fixture
def channel(specter2_server) -> Iterator[grpc.Channel]:
    with specter2_server.channel() as channel:
        yield channel


def test_the_adapters_matter(rows):
    """Vectors of one text under two adapters differ so much that a wrong one would be noticed."""
    by_adapter = {EXPERTS[use]: embeddings(found) for use, found in rows.items()}
    assert by_adapter.keys() == ADAPTERS
    for one in ADAPTERS:
        for other in ADAPTERS - {one}:
            distances = np.abs(by_adapter[one] - by_adapter[other]).max(axis=1)
            assert distances.min() > 1000 * VALUE_ERROR_MAX


@pytest.mark.parametrize("by_name", [False, True], ids=["by number", "by name"])
@pytest.mark.parametrize(("task", "role"), EXPERTS)
def test_each_task_and_role(channel, rows, task, role, by_name):
    wanted = rows[task, role]
    assert_golden(encode(channel, encode_request(task, role, wanted, by_name=by_name)), wanted)
    for row in wanted:
        alone = encode_request(task, role, [row], by_name=by_name)
        assert_golden(encode(channel, alone), [row])


def test_a_role_that_is_not_given_is_the_query(channel, rows):
    wanted = rows["search", "query"]
    request = encode_request("search", "query", wanted)
    request.role = pb.ROLE_UNSPECIFIED
    assert_golden(encode(channel, request), wanted)


def test_number_and_name_may_both_be_given(channel, rows):
    wanted = rows["link_prediction", "query"]
    for name in ("link_prediction", "link-prediction"):
        request = encode_request("link_prediction", "query", wanted)
        request.task_name = name
        assert_golden(encode(channel, request), wanted)


# All tasks concurrently


@dataclass(frozen=True)
class Mixed:
    """Requests of all tasks and roles from one client, in no particular order."""

    request: pb.EncodeRequest
    rows: list[GoldenRow]


def mixed(rows: Rows, count: int) -> list[Mixed]:
    chance = random.Random(2_211)
    all_of_them = []
    for number in range(count):
        task, role = chance.choice(list(rows))
        some = chance.choices(rows[task, role], k=chance.randint(1, 6))
        request = encode_request(task, role, some, by_name=chance.random() < 0.5)
        request.request_id = str(number)
        all_of_them.append(Mixed(request, some))
    return all_of_them


@pytest.mark.parametrize("cache", ["0", "67108864"])
def test_one_connection_mixes_all_tasks(start_server, specter2, rows, cache):
    server = start_server("--precision", "fp32", "--cache-bytes", cache, model=specter2)
    requests = mixed(rows, 400)
    with server.channel() as channel, ThreadPoolExecutor(32) as pool:
        responses = pool.map(lambda each: encode(channel, each.request), requests)
        for each, response in zip(requests, responses, strict=True):
            assert_golden(response, each.rows)


def test_one_stream_mixes_all_tasks(channel, rows):
    requests = {each.request.request_id: each for each in mixed(rows, 400)}
    method = channel.stream_stream(
        f"/{SERVICE}/EncodeStream",
        pb.EncodeRequest.SerializeToString,
        pb.EncodeResponse.FromString,
    )
    replies = list(method((each.request for each in requests.values()), timeout=60))
    assert {reply.request_id for reply in replies} == requests.keys()
    for reply in replies:
        assert not reply.HasField("status")
        assert_golden(reply, requests[reply.request_id].rows)


def test_int8_mixes_all_tasks(start_server, specter2, rows):
    """Alone and in mixed batches, a text gets its own adapter's vector in the default precision."""
    server = start_server("--cache-bytes", "0", "--precision", "int8", model=specter2)
    requests = mixed(rows, 200)
    with server.channel() as channel, ThreadPoolExecutor(32) as pool:
        for each, response in zip(
            requests, pool.map(lambda each: encode(channel, each.request), requests), strict=True
        ):
            got, wanted = values(response), embeddings(each.rows)
            products = (got * wanted).sum(axis=1)
            lengths = np.linalg.norm(got, axis=1) * np.linalg.norm(wanted, axis=1)
            assert (products / lengths).min() > 0.98


def test_the_cache_tells_tasks_apart(start_server, specter2, rows):
    """One text for every task in turn: each answer is the task's own, both times."""
    server = start_server("--precision", "fp32", model=specter2)
    with server.channel() as channel:
        for _ in range(2):
            for (task, role), wanted in rows.items():
                assert_golden(encode(channel, encode_request(task, role, wanted)), wanted)


# Ranking


@pytest.mark.parametrize("by_name", [False, True], ids=["by number", "by name"])
@pytest.mark.parametrize("task", [*TASKS, "regression"])
def test_rank_uses_the_query_s_expert_and_the_candidates(channel, rows, task, by_name):
    queries, candidates = rows[task, "query"], rows[task, "candidate"]
    named = {"task_name": task} if by_name or task not in TASKS else {"task": TASKS[task]}
    expected = embeddings(queries) @ embeddings(candidates).T
    for query, scores in zip(queries, expected, strict=True):
        documents = [row.document for row in candidates]
        request = pb.RankRequest(query=query.document, candidates=documents, **named)
        results = rank(channel, request).results
        assert sorted(result.index for result in results) == list(range(len(candidates)))
        got = {result.index: result.score for result in results}
        np.testing.assert_allclose(
            [got[index] for index in range(len(candidates))], scores, rtol=0, atol=2e-3
        )
        assert [result.score for result in results] == sorted(got.values(), reverse=True)


def test_query_and_candidate_of_search_have_different_experts(rows):
    """Makes the test above meaningful: with one expert for both sides, the scores differ."""
    queries = embeddings(rows["search", "query"])
    candidates = embeddings(rows["search", "candidate"])
    right = queries @ candidates.T
    for wrong in (queries @ queries.T, candidates @ candidates.T):
        assert np.abs(right - wrong).max(axis=1).min() > 0.1


# Descriptions


def test_get_model(channel):
    model = get_model(channel)
    assert (model.architecture, model.similarity) == ("expert", "dot")
    assert list(model.task_names) == ["classification", "link_prediction", "search", "regression"]
    assert list(model.tasks) == list(TASKS.values())
    told = {
        (expert.task, role): expert.name
        for expert in model.experts
        for role, number in ROLES.items()
        if expert.role == number
    }
    assert told == EXPERTS
    assert len(model.experts) == len(EXPERTS)
    assert len(model.fingerprint) == 32
    assert set(model.fingerprint) <= set("0123456789abcdef")


def test_a_model_without_experts_tells_none(start_server, golden_variants):
    with start_server(model=golden_variants / "vanilla").channel() as channel:
        model = get_model(channel)
    assert not model.experts
    assert list(model.task_names) == ["classification", "link_prediction", "search"]
    assert len(model.fingerprint) == 32


def test_every_reply_carries_the_fingerprint(channel, rows):
    fingerprint = get_model(channel).fingerprint
    request = encode_request("regression", "query", rows["regression", "query"])
    assert encode(channel, request).fingerprint == fingerprint
    documents = list(request.documents)
    ranking = pb.RankRequest(task_name="regression", query=documents[0], candidates=documents)
    assert rank(channel, ranking).fingerprint == fingerprint
    for method, message, kind in [
        ("EncodeStream", request, pb.EncodeResponse),
        ("RankStream", ranking, pb.RankResponse),
    ]:
        call = channel.stream_stream(f"/{SERVICE}/{method}")
        (reply,) = call(iter([message.SerializeToString()]), timeout=60)
        assert kind.FromString(reply).fingerprint == fingerprint


@pytest.mark.parametrize("precision", ["int8", "fp32"])
def test_the_fingerprint_is_the_model_s_whatever_its_name_and_arithmetic(
    channel, start_server, specter2, precision
):
    server = start_server("--precision", precision, "--model-name", "other", model=specter2)
    with server.channel() as other:
        assert get_model(other).fingerprint == get_model(channel).fingerprint


def test_other_vectors_have_another_fingerprint(command, golden_variants):
    """For models that differ only in their experts, in their use, or in a limit."""
    fingerprints = [
        command("inspect", golden_variants / variant, "--json").succeed().stdout
        for variant in ("specter2", "specter2-published", "control-codes", "control-codes-chosen")
    ]
    found = {line for shown in fingerprints for line in shown.splitlines() if "fingerprint" in line}
    assert len(found) == 4


# Other kinds of experts, briefly


LORA = ["lora-several", "lora-and-bottleneck", "lora-alone", "lora-rank-stabilised"]
LORA += ["lora-decomposed", "lora-bias-all", "lora-patterns", "lora-half-precision"]


@pytest.mark.parametrize("variant", LORA)
def test_low_rank_adapters(start_server, golden_variants, variant):
    """One next to the weights is part of them; several are experts by task and role."""
    rows = golden_rows(golden_variants / variant)
    server = start_server("--precision", "fp32", model=golden_variants / variant, admin="off")
    with server.channel() as channel:
        model = get_model(channel)
        assert_golden_together(channel, rows, times=4, workers=8)
    assert {task for task, _ in rows} <= set(model.task_names)
    if variant == "lora-several":
        named = {(each.task, each.role): each.name for each in model.experts}
        assert named["search", pb.ROLE_QUERY] == "ask"
        assert named["search", pb.ROLE_CANDIDATE] == "find"
        assert named["regression", pb.ROLE_QUERY] == "find"
