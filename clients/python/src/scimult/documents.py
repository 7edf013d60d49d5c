"""What callers may pass as a text or a paper, and its form on the wire."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, Union, cast

from ._generated import scimult_pb2 as pb


@dataclass(frozen=True)
class Paper:
    """A paper; or a label, its name as the title and its definition as the abstract."""

    title: str
    abstract: str = ""
    id: str = ""


@dataclass(frozen=True)
class Text:
    """A plain text, such as a search query."""

    text: str
    id: str = ""


#: One text or paper. A mapping has ``title`` and perhaps ``abstract``, or ``text``, and perhaps
#: ``id``; other keys are ignored. A tuple is ``(title, abstract)``.
Document: TypeAlias = Union[str, Paper, Text, Mapping[str, Any], tuple[str, str]]  # noqa: UP007


def to_message(document: object) -> pb.Document:
    """A document's message. Raises ``TypeError`` or ``ValueError`` on what is no document."""
    if isinstance(document, str):
        return _text_message(document, None)
    if isinstance(document, Text):
        return _text_message(document.text, document.id)
    if isinstance(document, Paper):
        return _paper_message(document.title, document.abstract, document.id)
    if isinstance(document, Mapping):
        return _mapping_message(document)
    if isinstance(document, tuple) and len(document) == 2:
        return _paper_message(document[0], document[1], None)
    raise TypeError(
        "expected a str, Paper, Text, mapping or (title, abstract) tuple, "
        f"not {type(document).__name__}"
    )


def is_one_document(documents: object) -> bool:
    """Whether this is a document, where many may be passed: a tuple is many."""
    return isinstance(documents, (str, Paper, Text, Mapping))


def each_document(documents: Document | Iterable[Document]) -> Iterable[Document]:
    """One document, or an iterable of them, as an iterable."""
    if is_one_document(documents):
        return [cast("Document", documents)]
    return cast("Iterable[Document]", documents)


def from_message(message: pb.Document) -> Paper | Text:
    """The document that a message holds."""
    if message.WhichOneof("content") == "text":
        return Text(message.text, message.id)
    return Paper(message.paper.title, message.paper.abstract, message.id)


def _text_message(text: object, identifier: object) -> pb.Document:
    return pb.Document(id=_identifier(identifier), text=_string("text", text))


def _paper_message(title: object, abstract: object, identifier: object) -> pb.Document:
    paper = pb.Paper(title=_string("title", title), abstract=_string("abstract", abstract))
    return pb.Document(id=_identifier(identifier), paper=paper)


def _mapping_message(document: Mapping[Any, Any]) -> pb.Document:
    title, text = document.get("title"), document.get("text")
    if title is not None and text is not None:
        raise ValueError("has both 'title' and 'text'")
    if title is None and text is None:
        raise ValueError("has neither 'title' nor 'text'")
    if text is not None:
        return _text_message(text, document.get("id"))
    abstract = document.get("abstract")
    return _paper_message(title, "" if abstract is None else abstract, document.get("id"))


def _string(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name!r} is a str, not {type(value).__name__}")
    return value


def _identifier(value: object) -> str:
    """An id as the wire carries it: data files often number their papers."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise TypeError(f"'id' is a str or an int, not {type(value).__name__}")
