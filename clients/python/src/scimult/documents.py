"""What callers may pass as a text or a paper, and its protobuf message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, Union, cast

from ._generated import scimult_pb2 as pb
from .fields import content_of, id_of, mended, text_of, text_of_id


@dataclass(frozen=True)
class Paper:
    """A paper. For a label, pass its name as the title and its definition as the abstract."""

    title: str
    abstract: str = ""
    id: str = ""


@dataclass(frozen=True)
class Text:
    """A plain text, such as a search query."""

    text: str
    id: str = ""


#: One text or paper. A mapping has ``title`` and optionally ``abstract`` (or ``text`` in its
#: place), or only ``text``, and optionally ``id`` (or ``_id``, ``paper_id``, ``corpus_id``,
#: ``doc_id``); other keys are ignored. A tuple is ``(title, abstract)``. A list of two is the same,
#: but only as an item of a list. None and NaN are an empty title or abstract, or a missing id.
Document: TypeAlias = Union[  # noqa: UP007
    str, Paper, Text, Mapping[str, Any], tuple[str, str], list[str]
]


def to_message(document: object) -> pb.Document:
    """Returns a document's message. Raises ``TypeError`` or ``ValueError`` on other values."""
    if isinstance(document, str):
        return _message(document, None)
    if isinstance(document, Text):
        return _message(content_of({"text": document.text}), document.id)
    if isinstance(document, Paper):
        return _message((document.title, document.abstract), document.id)
    if isinstance(document, Mapping):
        return _message(content_of(document), id_of(document))
    if isinstance(document, (tuple, list)) and len(document) == 2:
        return _message((document[0], document[1]), None)
    raise TypeError(
        "expected a str, Paper, Text, mapping or (title, abstract) tuple, "
        f"not {_described(document)}"
    )


def is_one_document(documents: object) -> bool:
    """Whether the argument is one document rather than several: a tuple is several."""
    return isinstance(documents, (str, Paper, Text, Mapping))


def each_document(documents: Document | Iterable[Document]) -> Iterable[Document]:
    """Returns an iterable of one document or of several. Raises ``TypeError`` on others."""
    if is_one_document(documents):
        return [cast("Document", documents)]
    if hasattr(documents, "iterrows"):
        # Iterating over a table would yield the names of its columns.
        raise TypeError("a table is no list of documents: pass table.to_dict('records')")
    if isinstance(documents, (bytes, bytearray)) or not isinstance(documents, Iterable):
        raise TypeError(f"expected a document or documents, not {type(documents).__name__}")
    return documents


def from_message(message: pb.Document) -> Paper | Text:
    """Returns the document in a message."""
    if message.WhichOneof("content") == "text":
        return Text(message.text, message.id)
    return Paper(message.paper.title, message.paper.abstract, message.id)


def _message(content: tuple[object, object] | str, identifier: object) -> pb.Document:
    if isinstance(content, str):
        return pb.Document(id=text_of_id(identifier), text=mended(content))
    title, abstract = content
    paper = pb.Paper(title=text_of("title", title), abstract=text_of("abstract", abstract))
    return pb.Document(id=text_of_id(identifier), paper=paper)


def _described(document: object) -> str:
    kind = type(document).__name__
    if isinstance(document, (tuple, list)):
        return f"a {kind} of {len(document)}"
    return kind
