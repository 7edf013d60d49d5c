"""`scimult rank`: a file of candidates, best first."""

from __future__ import annotations

import json

import numpy as np
import pytest

from harness.command import json_lines

CANDIDATES = [
    {"id": f"c{number}", "title": title, "abstract": f"about {title}"}
    for number, title in enumerate(["cells", "graphs", "galaxies", "experts", "lasers", "ferns"])
]
QUERY = "which papers discuss mixture of experts"


@pytest.fixture
def rank(command, tiny_expert):
    def run(*further, task="search", candidates=CANDIDATES):
        outcome = command(
            *("rank", "--model", tiny_expert, "--task", task, "--query", QUERY),
            *("--candidates", "-", *further),
            stdin=json_lines(candidates),
        ).succeed()
        assert outcome.stderr == ""
        return outcome.json_lines()

    return run


def test_all_candidates_best_first(rank, command, tiny_expert):
    lines = rank()
    assert all(list(line) == ["index", "id", "score"] for line in lines)
    assert sorted(line["index"] for line in lines) == list(range(6))
    assert all(line["id"] == f"c{line['index']}" for line in lines)
    scores = [line["score"] for line in lines]
    assert scores == sorted(scores, reverse=True)

    def vectors(role, rows):
        outcome = command(
            *("encode", "--model", tiny_expert, "--task", "search", "--role", role),
            stdin=json_lines(rows),
        ).succeed()
        return np.array([line["embedding"] for line in outcome.json_lines()])

    expected = vectors("candidate", CANDIDATES) @ vectors("query", [{"text": QUERY}])[0]
    np.testing.assert_allclose(scores, np.sort(expected)[::-1], rtol=1e-4)
    assert [line["index"] for line in lines] == list(np.argsort(-expected))


@pytest.mark.parametrize("top_k", [1, 3, 6, 100])
def test_top_k(rank, top_k):
    assert rank("--top-k", str(top_k)) == rank()[:top_k]


def test_ties_are_in_order_of_index(rank):
    lines = rank(candidates=[{"text": "twin"}] * 5)
    assert [(line["index"], line["id"]) for line in lines] == [(n, None) for n in range(5)]


def test_file_of_candidates(command, tiny_expert, tmp_path, rank):
    source = tmp_path / "candidates.jsonl"
    source.write_text(json_lines(CANDIDATES))
    outcome = command(
        *("rank", "--model", tiny_expert, "--task", "link-prediction", "--query", QUERY),
        *("--candidates", source),
    ).succeed()
    assert outcome.json_lines() == rank(task="link_prediction")


def test_scores_are_the_shortest_that_read_back(command, tiny_expert):
    outcome = command(
        *("rank", "--model", tiny_expert, "--task", "search", "--query", QUERY),
        *("--candidates", "-"),
        stdin=json_lines(CANDIDATES),
    ).succeed()
    for line in outcome.stdout.splitlines():
        written = json.loads(line, parse_float=str)["score"]
        assert float(written) == float(str(np.float32(written)))


def test_same_as_the_server(rank, server):
    from scimult import Client

    with Client(server.grpc) as client:
        served = client.rank(QUERY, CANDIDATES, task="search")
    lines = rank("--precision", "fp32")
    assert [result.index for result in served] == [line["index"] for line in lines]
    np.testing.assert_allclose(
        [result.score for result in served], [line["score"] for line in lines], rtol=1e-5
    )


def test_empty_query_and_candidates(command, tiny_expert):
    outcome = command(
        *("rank", "--model", tiny_expert, "--task", "search", "--query", "", "--candidates", "-"),
        stdin=json_lines([{"text": ""}, {"title": "", "abstract": None}]),
    ).succeed()
    assert len(outcome.json_lines()) == 2


def test_no_candidates(rank):
    assert rank(candidates=[]) == []


def test_many_queries_in_one_pass(command, rank, tiny_expert, tmp_path):
    queries = [
        {"id": "first", "text": QUERY},
        {"title": "Lasers", "abstract": "of some kind"},
        {"id": 7, "text": "ferns"},
    ]
    file = tmp_path / "queries.csv"
    file.write_text(
        "id,title,abstract\n"
        + "".join(f"{q.get('id', '')},{q.get('text', '')},\n" for q in queries)
    )
    lines = tmp_path / "queries.jsonl"
    lines.write_text(json_lines(queries))
    outcome = command(
        *("rank", "--model", tiny_expert, "--task", "search", "--queries", lines),
        *("--candidates", "-", "--top-k", "4"),
        stdin=json_lines(CANDIDATES),
    ).succeed()
    rows = outcome.json_lines()
    assert all(list(row) == ["query_index", "query", "index", "id", "score"] for row in rows)
    assert [row["query_index"] for row in rows] == [0] * 4 + [1] * 4 + [2] * 4
    assert [row["query"] for row in rows] == ["first"] * 4 + [1] * 4 + [7] * 4
    assert [row["index"] for row in rows[:4]] == [row["index"] for row in rank("--top-k", "4")]
    table = command(
        *("rank", "--model", tiny_expert, "--task", "search", "--queries", file),
        *("--candidates", "-"),
        stdin=json_lines(CANDIDATES),
    ).succeed()
    assert [row["query"] for row in table.json_lines()] == ["first"] * 6 + [1] * 6 + ["7"] * 6


def test_queries_of_one_name_are_told_apart(command, tiny_expert, tmp_path):
    queries = tmp_path / "queries.jsonl"
    queries.write_text(
        json_lines(
            [{"id": 1, "text": QUERY}, {"text": "ferns"}, {"id": 1, "text": "x"}, {"text": "y"}]
        )
    )
    outcome = command(
        *("rank", "--model", tiny_expert, "--task", "search", "--queries", queries),
        *("--candidates", "-", "--top-k", "1"),
        stdin=json_lines(CANDIDATES),
    ).succeed()
    names = [(row["query_index"], row["query"]) for row in outcome.json_lines()]
    assert names == [(0, 1), (1, "#1"), (2, 1), (3, 3)]


def test_options_of_input_are_for_queries_too(command, tiny_expert, tmp_path):
    queries, candidates = tmp_path / "queries", tmp_path / "candidates"
    queries.write_text("id;text\nq;ferns, and cells\n")
    candidates.write_text("id;text\nc;lasers, and cells\n")
    outcome = command(
        *("rank", "--model", tiny_expert, "--task", "search", "--queries", queries),
        *("--candidates", candidates, "--input-format", "csv", "--csv-delimiter", "semicolon"),
    ).succeed()
    (row,) = outcome.json_lines()
    assert (row["query"], row["id"]) == ("q", "c")


def test_options_of_tables_are_for_the_file_that_is_one(command, tiny_expert, tmp_path):
    lines, table = tmp_path / "lines.jsonl", tmp_path / "table.csv"
    lines.write_text('{"id": "j", "text": "ferns; and cells"}\n')
    common = ("rank", "--model", tiny_expert, "--task", "search", "--csv-delimiter", "semicolon")
    table.write_text("id;text\nt;lasers, and cells\n")
    for queries, candidates, ids in ((lines, table, ("j", "t")), (table, lines, ("t", "j"))):
        outcome = command(*common, "--queries", queries, "--candidates", candidates).succeed()
        (row,) = outcome.json_lines()
        assert (row["query"], row["id"]) == ids
    outcome = command(*common, "--queries", lines, "--candidates", "-")
    assert outcome.code == 2
    said = f"--csv-delimiter is for tables, and {lines} and standard input are read as JSON lines"
    assert said in outcome.stderr


@pytest.mark.parametrize(
    "arguments",
    [[], ["--query", "x", "--queries", "q.jsonl"], ["--queries", "-"]],
)
def test_queries_come_one_way(command, tiny_expert, arguments):
    outcome = command(
        *("rank", "--model", tiny_expert, "--task", "search", "--candidates", "-", *arguments)
    )
    assert outcome.code == 2
    assert "--queries" in outcome.stderr
