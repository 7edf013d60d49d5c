"""Documents from the columns of a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from .documents import Document, Paper, Text


def papers(titles: Iterable[Any], abstracts: Iterable[Any]) -> Iterator[Document]:
    """Yields a paper for each row. A missing title or abstract becomes an empty one."""
    for title, abstract in zip(titles, abstracts, strict=True):
        yield Paper(title, abstract)


def texts(values: Iterable[Any]) -> Iterator[Document]:
    """Yields a text for each row."""
    return map(Text, values)
