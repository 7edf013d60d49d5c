"""Papers in Qdrant, found by a server's embeddings."""

from __future__ import annotations

from qdrant_client import QdrantClient
from qdrant_client.models import Distance, PointStruct, VectorParams


def test_the_best_hit_is_the_right_paper(client, papers):
    store = QdrantClient(":memory:")
    # The model compares by the dot product.
    assert client.model().similarity == "dot"
    vectors = VectorParams(size=client.model().dimensions, distance=Distance.DOT)
    store.create_collection("papers", vectors_config=vectors)
    store.upsert(
        "papers",
        [
            PointStruct(id=row.index, vector=row.embedding, payload={"paper": row.document["id"]})
            for row in client.encode_iter(papers, task="search", role="candidate", normalize=True)
        ],
    )
    for paper in papers:
        (query,) = client.encode(paper, task="search", normalize=True)
        (best,) = store.query_points("papers", query=query, limit=1).points
        assert best.payload == {"paper": paper["id"]}
    (query,) = client.encode("machine translation", task="search")
    found = store.query_points("papers", query=query, limit=5).points
    # The server's own ranking of the same embeddings.
    assert [point.score for point in found] == sorted(
        (point.score for point in found), reverse=True
    )
    store.close()
