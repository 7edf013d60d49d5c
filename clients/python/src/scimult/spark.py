"""Embeds Spark's tables with a list of servers: ``pip install 'scimult[spark]'``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd
from pyspark.sql.functions import pandas_udf
from pyspark.sql.types import ArrayType, FloatType

from . import columns
from .client import Client
from .documents import Document
from .vocabulary import Role, Task


def encode_papers(
    target: str | Sequence[str],
    *,
    task: Task,
    role: Role = "query",
    normalize: bool = False,
    **options: Any,
) -> Any:
    """Returns a function of two columns, titles and abstracts, that gives arrays of float.

    >>> encode = scimult.spark.encode_papers(["host1:50051", "host2:50051"], task="search")
    >>> papers.withColumn("embedding", encode("title", "abstract"))

    Args:
        target: As for :class:`scimult.Client`. Each running partition has a connection to every
            server, and the servers share its requests.
        task, role, normalize: As for :meth:`scimult.Client.encode`.
        options: Options of :class:`scimult.Client`, such as ``token``.

    Returns:
        A pandas UDF. The result is null if title and abstract are both null; if only one of them is
        null, that one counts as empty.
    """
    settings = {"task": task, "role": role, "normalize": normalize}

    def encode(batches: Iterator[tuple[pd.Series, pd.Series]]) -> Iterator[pd.Series]:
        with _client(target, options) as client:
            for titles, abstracts in batches:
                there = titles.notna() | abstracts.notna()
                documents = columns.papers(titles[there], abstracts[there])
                yield _column(client, documents, there, settings)

    return pandas_udf(encode, ArrayType(FloatType()))


def encode_texts(
    target: str | Sequence[str],
    *,
    task: Task,
    role: Role = "query",
    normalize: bool = False,
    **options: Any,
) -> Any:
    """Like :func:`encode_papers`, for one column of texts. The embedding of null is null."""
    settings = {"task": task, "role": role, "normalize": normalize}

    def encode(batches: Iterator[pd.Series]) -> Iterator[pd.Series]:
        with _client(target, options) as client:
            for values in batches:
                there = values.notna()
                yield _column(client, columns.texts(values[there]), there, settings)

    return pandas_udf(encode, ArrayType(FloatType()))


def _client(target: str | Sequence[str], options: dict[str, Any]) -> Client:
    return Client(target, **{"priority": "batch", "retries": 4, **options})


def _column(
    client: Client, documents: Iterator[Document], there: pd.Series, settings: dict[str, Any]
) -> pd.Series:
    """Returns embeddings for documents, and nulls elsewhere."""
    rows = client.encode_iter(documents, **settings)
    return pd.Series(
        [next(rows).embedding if is_there else None for is_there in there], dtype=object
    )
