"""Spark embeds a table with two servers."""

from __future__ import annotations

import numpy as np
import pytest
from pyspark.sql import SparkSession

from closeness import assert_close
from harness.metrics import Metrics
from scimult.spark import encode_papers, encode_texts


@pytest.fixture(scope="module")
def spark():
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "50")
        .getOrCreate()
    )
    yield session
    session.stop()


def test_papers(spark, servers, client, papers):
    rows = [
        (place, f"{paper['title']} {place}", paper["abstract"] if place % 7 else None)
        for place, paper in enumerate(papers * 8)
    ]
    rows[5] = (5, None, rows[5][2])
    encode = encode_papers(
        [server.grpc for server in servers], task="search", role="candidate", normalize=True
    )
    table = spark.createDataFrame(rows, "place int, title string, abstract string")
    result = table.withColumn("embedding", encode("title", "abstract")).collect()
    got = {row["place"]: row["embedding"] for row in result}
    expected = client.encode(
        [{"title": title, "abstract": abstract} for _, title, abstract in rows],
        task="search",
        role="candidate",
        normalize=True,
    )
    assert_close([got[place] for place in range(len(rows))], expected)
    for server in servers:
        assert Metrics.of(server).total("scimult_texts_total") > 0


def test_a_paper_of_nulls_is_null(spark, server):
    encode = encode_papers(server.grpc, task="search")
    table = spark.createDataFrame([(None, None)], "title string, abstract string")
    assert table.select(encode("title", "abstract").alias("embedding")).first()["embedding"] is None


def test_texts_and_nulls(spark, server, client):
    encode = encode_texts(server.grpc, task="search")
    table = spark.createDataFrame(
        [(1, "cells"), (2, None), (3, "genes")], "place int, words string"
    )
    result = table.withColumn("embedding", encode("words")).orderBy("place").collect()
    assert result[1]["embedding"] is None
    expected = client.encode(["cells", "genes"], task="search")
    assert_close(np.array([result[0]["embedding"], result[2]["embedding"]]), expected)
