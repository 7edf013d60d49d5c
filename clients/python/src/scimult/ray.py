"""Embeds Ray Data's tables with a list of servers: ``pip install 'scimult[ray]'``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import columns
from .client import Client
from .sentence_encoder import SentenceEncoder
from .vocabulary import Role, Task


class Encoder:
    """Adds a column of embeddings, for ``ray.data.Dataset.map_batches``.

    >>> papers = ray.data.read_parquet("papers.parquet")  # columns title and abstract
    >>> papers.map_batches(
    ...     scimult.ray.Encoder,
    ...     fn_constructor_kwargs={"target": ["host1:50051", "host2:50051"], "task": "search"},
    ...     concurrency=2,
    ...     batch_size=512,
    ... ).write_parquet("embeddings")

    ``concurrency`` is the number of actors. Each actor has a connection to every server, and the
    servers share its requests. Actors need little CPU: ``num_cpus=0.1`` leaves the rest to others.
    """

    def __init__(
        self,
        target: str | Sequence[str],
        *,
        task: Task,
        role: Role = "query",
        normalize: bool = False,
        text_column: str | None = None,
        title_column: str = "title",
        abstract_column: str = "abstract",
        output_column: str = "embedding",
        **options: Any,
    ) -> None:
        """Connects an actor.

        Args:
            target: As for :class:`scimult.Client`.
            task, role, normalize: As for :meth:`scimult.Client.encode`.
            text_column: The column of texts, if rows are not papers.
            title_column, abstract_column: The columns of papers; missing values are empty.
            output_column: The column that is added, (n, d) float32.
            options: Options of :class:`scimult.Client`, such as ``token``.
        """
        client = Client(target, **{"priority": "batch", "retries": 4, **options})
        self._encoder = SentenceEncoder(client, task=task, role=role)
        self._normalize = normalize
        self._text_column = text_column
        self._paper_columns = (title_column, abstract_column)
        self._output_column = output_column

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Returns the batch with its embeddings."""
        if self._text_column is not None:
            documents = columns.texts(_column(batch, self._text_column))
        else:
            documents = columns.papers(*(_column(batch, name) for name in self._paper_columns))
        embeddings = self._encoder.encode(
            [*documents], show_progress_bar=False, normalize_embeddings=self._normalize
        )
        return {**batch, self._output_column: embeddings}


def _column(batch: dict[str, Any], name: str) -> Any:
    if name not in batch:
        raise ValueError(
            f"there is no column {name!r}: the batch has {', '.join(map(repr, batch))}"
        )
    return batch[name]
