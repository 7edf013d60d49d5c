"""Other libraries can read the table that `scimult-client encode` writes."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from closeness import assert_close
from harness.command import Command, json_lines

PAPERS = Path(__file__).resolve().parents[2] / "examples/papers.jsonl"
PROGRAM = Path(sysconfig.get_path("scripts")) / "scimult-client"


def encode(server, *words, **options):
    return Command(PROGRAM)(
        "encode", "--server", server.grpc, "--task", "search", *words, **options
    )


def test_pandas_reads_it(server, client, papers, tmp_path):
    result = tmp_path / "papers.parquet"
    encode(server, PAPERS, result).succeed()
    table = pd.read_parquet(result)
    assert list(table.columns) == ["id", "embedding", "tokens", "truncated"]
    assert list(table["id"]) == [paper["id"] for paper in papers]
    assert_close(np.stack(table["embedding"]), client.encode(papers, task="search"))
    assert (table["tokens"] > 2).all()


def test_many_rows_are_several_groups(server, tmp_path):
    result = tmp_path / "texts.parquet"
    ids = [None, 7, "a", [1]]
    lines = json_lines({"id": ids[place % 4], "text": f"text {place}"} for place in range(10_000))
    encode(server, "-", result, stdin=lines).succeed()
    file = pq.ParquetFile(result)
    assert file.metadata.num_rows == 10_000
    assert file.num_row_groups == 3
    assert file.schema_arrow.field("embedding").type.list_size == 64
    assert file.read()["id"].to_pylist()[:4] == [None, "7", "a", "[1]"]


def test_nothing_is_an_empty_table(server, tmp_path):
    result = tmp_path / "none.parquet"
    encode(server, "-", result).succeed()
    assert pq.read_table(result).num_rows == 0


def test_failure_leaves_no_file(server, tmp_path):
    encode(server, "-", tmp_path / "v.parquet", stdin='{"text": "a"}\nbroken\n').fail_in_one_line(1)
    assert list(tmp_path.iterdir()) == []
