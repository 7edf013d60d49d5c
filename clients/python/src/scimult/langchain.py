"""LangChain embeddings from a server: ``pip install 'scimult[langchain]'``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langchain_core.embeddings import Embeddings

from .client import Client
from .vocabulary import Task


class ScimultEmbeddings(Embeddings):
    """Embeds queries in the role of queries, and documents in the role of candidates.

    The asynchronous methods are LangChain's own. They call the synchronous ones in threads, which
    share one connection, even from different event loops.

    >>> embeddings = ScimultEmbeddings("localhost:50051", task="search", token="…")
    >>> store = InMemoryVectorStore.from_texts(abstracts, embeddings)
    """

    def __init__(self, target: str | Sequence[str], *, task: Task = "search", **options: Any):
        """``target`` and ``options`` are those of :class:`scimult.Client`."""
        self._task = task
        self._client = Client(target, **options)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Embeds texts as candidates."""
        rows = self._client.encode_iter(texts, task=self._task, role="candidate")
        return [row.embedding.tolist() for row in rows if row.embedding is not None]

    def embed_query(self, text: str) -> list[float]:
        """Embeds a text as a query."""
        numbers: list[float] = self._client.encode(text, task=self._task)[0].tolist()
        return numbers
