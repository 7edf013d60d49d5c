"""LangChain's embeddings over a server: ``pip install 'scimult[langchain]'``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langchain_core.embeddings import Embeddings

from .async_client import AsyncClient
from .client import Client
from .vocabulary import Task


class ScimultEmbeddings(Embeddings):
    """Queries get embeddings for the side of queries, documents for that of candidates.

    >>> embeddings = ScimultEmbeddings("localhost:50051", task="search", token="…")
    >>> store = InMemoryVectorStore.from_texts(abstracts, embeddings)
    """

    def __init__(self, target: str | Sequence[str], *, task: Task = "search", **options: Any):
        """``target`` and ``options`` are those of :class:`scimult.Client`."""
        self._target = target
        self._task = task
        self._options = options
        self._client = Client(target, **options)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Embeds texts that are searched."""
        rows = self._client.encode_iter(texts, task=self._task, role="candidate")
        return [row.embedding.tolist() for row in rows if row.embedding is not None]

    def embed_query(self, text: str) -> list[float]:
        """Embeds a text that others are searched with."""
        return _numbers(self._client.encode(text, task=self._task)[0])

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        """Embeds texts that are searched."""
        async with AsyncClient(self._target, **self._options) as client:
            rows = client.encode_iter(texts, task=self._task, role="candidate")
            return [row.embedding.tolist() async for row in rows if row.embedding is not None]

    async def aembed_query(self, text: str) -> list[float]:
        """Embeds a text that others are searched with."""
        # A connection belongs to its event loop, of which a program may have many in its life.
        async with AsyncClient(self._target, **self._options) as client:
            return _numbers((await client.encode(text, task=self._task))[0])


def _numbers(embedding: Any) -> list[float]:
    numbers: list[float] = embedding.tolist()
    return numbers
