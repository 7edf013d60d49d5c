"""Converts an object's fields (a JSON line, a mapping, a CSV row) to a document's parts."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any

#: The names of an id field: the first one with a value is used.
ID_NAMES = (
    *("id", "_id", "paper_id", "paperId", "corpus_id", "corpusId", "corpusid"),
    *("doc_id", "docId", "docid"),
)

#: UTF-16 surrogates: a pair, or an unpaired one.
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]")


def is_missing(value: Any) -> bool:
    """Whether a field has no value: None, NaN, or pandas' NA."""
    if value is None:
        return True
    if isinstance(value, str):
        return False
    try:
        # Only NaN differs from itself.
        return bool(value != value)
    except (TypeError, ValueError):
        # Comparing NA with itself gives NA, which is not a bool.
        return type(value).__name__ == "NAType"


def mended(text: str) -> str:
    """Returns text that UTF-8 can carry: U+FFFD for unpaired surrogates, no NUL."""
    if text.isascii():
        return text.replace("\0", "") if "\0" in text else str(text)
    return with_whole_characters(text).replace("\0", "")


def with_whole_characters(text: str) -> str:
    """Returns the text with U+FFFD for each unpaired surrogate."""
    return _SURROGATES.sub(_whole_character, text)


def text_of(name: str, value: object) -> str:
    """Returns a field's text, mended, or "" if missing. Raises ``TypeError`` on other types."""
    if isinstance(value, str):
        return mended(value)
    if is_missing(value):
        return ""
    raise TypeError(f'"{name}" must be a text, not {type(value).__name__}')


def content_of(row: Mapping[Any, Any]) -> tuple[str, str] | str:
    """Returns a paper's title and abstract, or a plain text.

    ``text`` next to a title is a paper's abstract. Raises ``ValueError`` or ``TypeError`` if the
    fields are not a document.
    """
    title, abstract = (text_of(name, row.get(name)) for name in ("title", "abstract"))
    value = row.get("text")
    if not is_missing(value):
        text = text_of("text", value)
        if not abstract:
            return (title, text) if title else text
        if text:
            raise ValueError('"abstract" and "text" are both given; one of them is needed')
    elif "title" not in row and "abstract" not in row:
        raise ValueError('neither "title" nor "text" is given')
    return (title, abstract)


def id_of(row: Mapping[Any, Any]) -> Any:
    """Returns the id's value, of any type, or None if there is none."""
    for name in ID_NAMES:
        value = row.get(name)
        if not is_missing(value):
            return value
    return None


def text_of_id(value: object) -> str:
    """Converts an id to the string that is sent. Data files often number their papers.

    Raises ``TypeError`` or ``ValueError`` if the value has no string form.
    """
    if isinstance(value, str):
        return mended(value)
    if is_missing(value):
        return ""
    if isinstance(value, (bool, list, tuple, dict)):
        return mended(json.dumps(value, ensure_ascii=False))
    if isinstance(value, Integral):
        return str(int(value))
    if isinstance(value, Real):
        number = float(value)
        if number in (float("inf"), float("-inf")):
            raise ValueError(f'"id" is {number}: write it as a text')
        return str(int(number)) if number.is_integer() else str(value)
    raise TypeError(f'"id" must be a text or a number, not {type(value).__name__}')


def _whole_character(found: re.Match[str]) -> str:
    halves = found.group()
    if len(halves) == 1:
        return "\ufffd"
    return halves.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
