"""Documents of a table's columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from .documents import Document, Paper, Text


def papers(titles: Iterable[Any], abstracts: Iterable[Any]) -> Iterator[Document]:
    """A paper for each row; a missing abstract is an empty one."""
    for title, abstract in zip(titles, abstracts, strict=True):
        yield Paper(title, "" if is_missing(abstract) else abstract)


def texts(values: Iterable[Any]) -> Iterator[Document]:
    """A text for each row."""
    return map(Text, values)


def is_missing(value: Any) -> bool:
    """Whether a cell has no value: None, or NaN, which alone differs from itself."""
    return value is None or value != value
