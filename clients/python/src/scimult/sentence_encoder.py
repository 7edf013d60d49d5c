"""What sentence-transformers' models look like, over a server."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from .client import Client, to_client
from .documents import Document, is_one_document
from .embeddings import Embeddings
from .vocabulary import Role, Task


class SentenceEncoder:
    """Stands where a ``sentence_transformers.SentenceTransformer`` is expected.

    >>> encoder = SentenceEncoder("localhost:50051", task="search")
    >>> encoder.encode(["graph neural networks"]).shape
    (1, 384)
    """

    def __init__(
        self,
        server: Client | str | Sequence[str],
        *,
        task: Task,
        role: Role = "query",
        **options: Any,
    ) -> None:
        """Embeds for a task.

        Args:
            server: A client, or what :class:`Client` takes as its target.
            task: What texts are compared for.
            role: Which side :meth:`encode` embeds for.
            options: Of the :class:`Client`, where there is none yet, such as ``token``.
        """
        self.client = to_client(server, options)
        self._task = task
        self._role: Role = role

    def encode(
        self,
        sentences: Document | Sequence[Document],
        *,
        batch_size: int = 32,
        show_progress_bar: bool | None = None,
        convert_to_numpy: bool = True,
        convert_to_tensor: bool = False,
        normalize_embeddings: bool = False,
        role: Role | None = None,
    ) -> Any:
        """Embeds one sentence, or many of them.

        Args:
            sentences: A str, or what else :class:`Client` takes as a document; or a sequence.
            batch_size: The most sentences of a request.
            show_progress_bar: By default only where standard error is a terminal and tqdm is there.
            convert_to_numpy: ``False`` for a list of arrays, one for each sentence.
            convert_to_tensor: For a torch tensor; it wins over ``convert_to_numpy``.
            normalize_embeddings: Whether embeddings get length 1.
            role: Instead of the encoder's own.

        Returns:
            Array (n, d), float32; of one sentence (d,).
        """
        is_one = is_one_document(sentences)
        rows = [
            row.embedding
            for row in self.client.encode_iter(
                [sentences] if is_one else sentences,  # type: ignore[list-item, arg-type]
                task=self._task,
                role=role or self._role,
                normalize=normalize_embeddings,
                documents_per_request=batch_size,
                progress=_can_show_progress() if show_progress_bar is None else show_progress_bar,
            )
            if row.embedding is not None
        ]
        if convert_to_tensor:
            import torch

            tensor = torch.from_numpy(self._array(rows))
            return tensor[0] if is_one else tensor
        if is_one:
            return rows[0]
        return self._array(rows) if convert_to_numpy else rows

    def encode_query(self, sentences: Document | Sequence[Document], **options: Any) -> Any:
        """:meth:`encode` for the side of queries."""
        return self.encode(sentences, role="query", **options)

    def encode_document(self, sentences: Document | Sequence[Document], **options: Any) -> Any:
        """:meth:`encode` for the side of candidates."""
        return self.encode(sentences, role="candidate", **options)

    def similarity(self, left: Embeddings, right: Embeddings) -> Embeddings:
        """Scores (n, m) of n embeddings beside m others, as the model compares them."""
        if self.client.model().similarity == "cosine":
            left, right = _of_length_one(left), _of_length_one(right)
        return np.asarray(left @ np.asarray(right).T)

    def get_embedding_dimension(self) -> int:
        """The width d of an embedding."""
        return self.client.model().dimensions

    def get_sentence_embedding_dimension(self) -> int:
        """The width d of an embedding, by its older name."""
        return self.get_embedding_dimension()

    @property
    def max_seq_length(self) -> int:
        """The longest text that the model reads, in tokens."""
        return self.client.model().max_tokens

    def _array(self, rows: list[Embeddings]) -> Embeddings:
        return np.stack(rows) if rows else np.empty((0, self.get_embedding_dimension()), np.float32)


def _of_length_one(embeddings: Embeddings) -> Embeddings:
    return np.asarray(embeddings / np.linalg.norm(embeddings, axis=-1, keepdims=True))


def _can_show_progress() -> bool:
    if not sys.stderr.isatty():
        return False
    try:
        import tqdm  # noqa: F401
    except ImportError:
        return False
    return True
