"""Encoders and limits by role: MedCPT's pair, and limits of the text length in scimult.json."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import grpc
import numpy as np
import pytest

from harness.calls import encode, failure, get_model, rank
from harness.golden import ROLES, assert_golden, embeddings, encode_request, golden_rows
from harness.texts import TASKS
from scimult._generated import scimult_pb2 as pb

LIMITS = {"query": 16, "candidate": 40}
LONG = "cells and genes " * 40


@pytest.fixture(scope="module")
def medcpt(golden_variants) -> Path:
    return golden_variants / "encoders-medcpt"


@pytest.fixture
def channel(start_server, medcpt) -> Iterator[grpc.Channel]:
    with start_server("--precision", "fp32", model=medcpt, admin="off").channel() as channel:
        yield channel


def request(role: str, *documents: pb.Document, **options) -> pb.EncodeRequest:
    return pb.EncodeRequest(task=pb.TASK_SEARCH, role=ROLES[role], documents=documents, **options)


def test_each_role_has_its_encoder_and_its_limit(channel, medcpt):
    rows = golden_rows(medcpt)
    for (task, role), wanted in rows.items():
        assert_golden(encode(channel, encode_request(task, role, wanted)), wanted, f"{task} {role}")
    cut = set()
    for (_, role), some in rows.items():
        cut |= {(role, row.truncated, len(row.input_ids)) for row in some}
    assert {("query", True, 16), ("candidate", True, 40)} <= cut


def test_the_two_encoders_differ(medcpt):
    rows = golden_rows(medcpt)
    short = [
        [row.embedding for row in rows["link_prediction", role] if not row.truncated]
        for role in ROLES
    ]
    assert short[0]
    assert np.abs(np.stack(short[0]) - np.stack(short[1])).max(axis=1).min() > 0.05


@pytest.mark.parametrize("role", ROLES)
def test_the_truncated_flag(channel, role):
    limit = LIMITS[role]
    texts = [pb.Document(text=text) for text in ("cells", LONG)]
    short, long = encode(channel, request(role, *texts)).embeddings
    assert not short.truncated
    assert (long.tokens, long.truncated) == (limit, True)
    paper = pb.Paper(title="cells", abstract=LONG)
    (pair,) = encode(channel, request(role, pb.Document(paper=paper))).embeddings
    assert (pair.tokens, pair.truncated) == (limit, True)


@pytest.mark.parametrize("role", ROLES)
def test_reject_truncation_names_the_limit_of_the_role(channel, role):
    limit, other = LIMITS[role], LIMITS[{"query": "candidate", "candidate": "query"}[role]]
    for long in (
        pb.Document(text=LONG),
        pb.Document(paper=pb.Paper(title="cells", abstract=LONG)),
    ):
        documents = [pb.Document(text="cells"), long]
        error = failure(channel, "Encode", request(role, *documents, reject_truncation=True))
        assert error.code is grpc.StatusCode.INVALID_ARGUMENT
        assert [violation.field for violation in error.violations] == ["documents[1]"]
        assert f"the model reads {limit}" in error.message
        assert f"reads {other}" not in error.message
    fits = request(role, pb.Document(text="cells"), reject_truncation=True)
    assert not encode(channel, fits).embeddings[0].truncated


def test_what_fits_a_candidate_is_too_long_for_a_query(channel):
    text = pb.Document(text="cells and genes " * 2)
    (tokens,) = (each.tokens for each in encode(channel, request("candidate", text)).embeddings)
    assert LIMITS["query"] < tokens <= LIMITS["candidate"]
    encode(channel, request("candidate", text, reject_truncation=True))
    failure(channel, "Encode", request("query", text, reject_truncation=True))


def test_rank_reads_the_query_by_one_and_the_candidates_by_the_other(channel, medcpt):
    rows = golden_rows(medcpt)
    for task in TASKS:
        queries, candidates = rows[task, "query"], rows[task, "candidate"]
        for query in queries:
            documents = [row.document for row in candidates]
            asked = pb.RankRequest(task=TASKS[task], query=query.document, candidates=documents)
            got = {result.index: result.score for result in rank(channel, asked).results}
            np.testing.assert_allclose(
                [got[index] for index in range(len(candidates))],
                embeddings(candidates) @ query.embedding,
                rtol=0,
                atol=2e-3,
            )


def test_a_pair_is_not_its_joined_text(channel):
    """MedCPT reads title and abstract with different token types."""
    title, abstract = "graph models", "retrieval of papers"
    paper = pb.Document(paper=pb.Paper(title=title, abstract=abstract))
    text = pb.Document(text=f"{title} [SEP] {abstract}")
    pair, joined = encode(channel, request("candidate", paper, text)).embeddings
    assert pair.tokens == joined.tokens
    assert np.abs(np.subtract(pair.values, joined.values)).max() > 0.01


def test_get_model_tells_the_longest_and_the_encoders(channel):
    model = get_model(channel)
    assert model.max_tokens == max(LIMITS.values())
    assert {(each.role, each.name) for each in model.experts} == {
        (pb.ROLE_QUERY, "query-encoder"),
        (pb.ROLE_CANDIDATE, "article-encoder"),
    }
    assert {each.task for each in model.experts} == set(TASKS)


def test_medcpt_s_limits_go_without_saying(start_server, medcpt, tmp_path):
    """The names of its published encoders imply the limits; this one has 64 positions."""
    model = tmp_path / "model"
    for role, name in (("query", "query-encoder"), ("article", "article-encoder")):
        shutil.copytree(medcpt / name, model / f"MedCPT-{role.capitalize()}-Encoder")
    encoders = {"query": "MedCPT-Query-Encoder", "candidate": "MedCPT-Article-Encoder"}
    (model / "scimult.json").write_text(json.dumps({"encoders": encoders, "papers": "pair"}))
    with start_server(model=model, admin="off").channel() as channel:
        long = pb.Document(text=LONG)
        told = {role: encode(channel, request(role, long)).embeddings[0].tokens for role in ROLES}
    assert told == {"query": 64, "candidate": 64}


# Limits without a pair of encoders


@pytest.mark.parametrize("variant", ["max-tokens", "max-tokens-by-role", "max-tokens-of-pairs"])
def test_limits_of_one_encoder(start_server, golden_variants, variant):
    folder = golden_variants / variant
    limits = json.loads((folder / "scimult.json").read_text())["max_tokens"]
    if isinstance(limits, int):
        limits = dict.fromkeys(ROLES, limits)
    with start_server("--precision", "fp32", model=folder, admin="off").channel() as channel:
        for (task, role), rows in golden_rows(folder).items():
            assert_golden(encode(channel, encode_request(task, role, rows)), rows, f"{task} {role}")
        assert get_model(channel).max_tokens == max(limits.values())
        for role, limit in limits.items():
            long = request(role, pb.Document(text=LONG), reject_truncation=True)
            assert f"the model reads {limit}" in failure(channel, "Encode", long).message


def test_one_text_is_two_to_roles_that_cut_it_otherwise(start_server, golden_variants):
    """The cache distinguishes the tokens that are read, not only the texts."""
    folder = golden_variants / "max-tokens-by-role"
    with start_server(model=folder, admin="off").channel() as channel:
        long = pb.Document(text=LONG)
        for _ in range(2):
            told = [encode(channel, request(role, long)).embeddings[0] for role in ROLES]
            assert [each.tokens for each in told] == [12, 30]
            assert list(told[0].values) != list(told[1].values)
