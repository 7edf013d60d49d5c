"""LangChain stores and finds papers by a server's embeddings."""

from __future__ import annotations

import asyncio

from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import InMemoryVectorStore

from closeness import assert_close
from scimult.langchain import ScimultEmbeddings


def test_embeddings_are_the_client_s(server, client, papers):
    texts = [paper["abstract"] for paper in papers]
    embeddings = ScimultEmbeddings(server.grpc, task="search")
    assert isinstance(embeddings, Embeddings)
    expected = client.encode(texts, task="search", role="candidate")
    assert_close(embeddings.embed_documents(texts), expected)
    assert_close(embeddings.embed_query(texts[0]), client.encode(texts[0], task="search")[0])
    assert isinstance(embeddings.embed_query("cells")[0], float)


def test_asyncio_gives_the_same(server, papers):
    texts = [paper["abstract"] for paper in papers]
    embeddings = ScimultEmbeddings(server.grpc)
    # Successive event loops, as in a program that calls asyncio.run for each question.
    for _ in range(2):
        assert_close(
            asyncio.run(embeddings.aembed_documents(texts)), embeddings.embed_documents(texts)
        )
        assert_close(asyncio.run(embeddings.aembed_query("a")), embeddings.embed_query("a"))


def test_a_vector_store_finds_the_paper(server, papers):
    texts = [paper["title"] for paper in papers]
    store = InMemoryVectorStore.from_texts(texts, ScimultEmbeddings(server.grpc))
    for text in texts[:5]:
        assert store.similarity_search(text, k=1)[0].page_content == text
