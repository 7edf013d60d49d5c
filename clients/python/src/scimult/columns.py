"""Documents of a table's columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from .documents import Document, Paper, Text


def papers(titles: Iterable[Any], abstracts: Iterable[Any]) -> Iterator[Document]:
    """A paper for each row; a missing title or abstract is an empty one."""
    for title, abstract in zip(titles, abstracts, strict=True):
        yield Paper(title, abstract)


def texts(values: Iterable[Any]) -> Iterator[Document]:
    """A text for each row."""
    return map(Text, values)
