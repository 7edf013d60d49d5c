"""Ray Data embeds a table with two servers."""

from __future__ import annotations

import numpy as np
import pytest
import ray

from closeness import assert_close
from harness.metrics import Metrics
from scimult.ray import Encoder


@pytest.fixture(scope="module", autouse=True)
def local_ray():
    ray.init(
        num_cpus=2,
        include_dashboard=False,
        object_store_memory=200 << 20,
        log_to_driver=False,
        _node_ip_address="127.0.0.1",
    )
    yield
    ray.shutdown()


def embedded(table, **arguments):
    """Returns the rows with their embeddings, in the original order."""
    result = table.map_batches(
        Encoder,
        fn_constructor_kwargs=arguments,
        concurrency=1,
        batch_size=64,
        num_cpus=0.5,
    )
    return sorted(result.take_all(), key=lambda row: row["place"])


def test_papers(servers, client, papers):
    rows = [
        {"place": place, "title": paper["title"], "abstract": paper["abstract"]}
        for place, paper in enumerate(papers)
    ] * 8
    for place, row in enumerate(rows):
        rows[place] = {**row, "place": place, "title": f"{row['title']} {place}"}
    rows[3]["abstract"] = None
    rows[5]["title"] = None
    result = embedded(
        ray.data.from_items(rows),
        target=[server.grpc for server in servers],
        task="search",
        role="candidate",
        normalize=True,
    )
    assert [row["place"] for row in result] == list(range(len(rows)))
    expected = client.encode(rows, task="search", role="candidate", normalize=True)
    assert_close(np.stack([row["embedding"] for row in result]), expected)
    for server in servers:
        assert Metrics.of(server).total("scimult_texts_total") > 0


def test_texts(server, client):
    rows = [{"place": place, "words": f"cells of kind {place}"} for place in range(100)]
    result = embedded(
        ray.data.from_items(rows),
        target=server.grpc,
        task="search",
        text_column="words",
        output_column="vector",
    )
    expected = client.encode([row["words"] for row in rows], task="search")
    assert_close(np.stack([row["vector"] for row in result]), expected)
