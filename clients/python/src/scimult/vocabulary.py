"""The words of the contract (tasks, roles, formats) and the numbers that stand for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from ._generated import scimult_pb2 as pb

#: What texts are embedded for. A hyphen is accepted for the underscore.
Task = Literal["classification", "link_prediction", "link-prediction", "search"]
#: Which side of a comparison a text stands on.
Role = Literal["query", "candidate"]
#: How embeddings travel from the server.
EmbeddingFormat = Literal["float32", "float16", "int8", "binary"]
#: Whether calls yield to those of others.
Priority = Literal["interactive", "batch"]

_TASKS: dict[str, pb.Task] = {
    "classification": pb.TASK_CLASSIFICATION,
    "link_prediction": pb.TASK_LINK_PREDICTION,
    "search": pb.TASK_SEARCH,
}
_ROLES: dict[str, pb.Role] = {
    "query": pb.ROLE_QUERY,
    "candidate": pb.ROLE_CANDIDATE,
}
_FORMATS: dict[str, pb.EmbeddingFormat] = {
    "float32": pb.EMBEDDING_FORMAT_FLOAT32,
    "float16": pb.EMBEDDING_FORMAT_FLOAT16,
    "int8": pb.EMBEDDING_FORMAT_INT8,
    "binary": pb.EMBEDDING_FORMAT_BINARY,
}
_PRIORITIES: tuple[Priority, ...] = ("interactive", "batch")
_TASK_WORDS: dict[int, str] = {number: word for word, number in _TASKS.items()}


def task_number(word: str) -> pb.Task:
    """A task's number. Raises ``ValueError`` on a word that is no task."""
    number = _TASKS.get(word.replace("-", "_"))
    if number is None:
        raise ValueError(_unknown("task", word, _TASKS))
    return number


def role_number(word: str) -> pb.Role:
    """A role's number. Raises ``ValueError`` on a word that is no role."""
    number = _ROLES.get(word)
    if number is None:
        raise ValueError(_unknown("role", word, _ROLES))
    return number


def format_number(word: str) -> pb.EmbeddingFormat:
    """A format's number. Raises ``ValueError`` on a word that is no format."""
    number = _FORMATS.get(word)
    if number is None:
        raise ValueError(_unknown("format", word, _FORMATS))
    return number


def check_priority(word: str) -> str:
    """The priority itself. Raises ``ValueError`` on a word that is no priority."""
    if word not in _PRIORITIES:
        raise ValueError(_unknown("priority", word, _PRIORITIES))
    return word


def task_word(number: int) -> str:
    """A task's word; its number in digits where the server knows more tasks than this client."""
    return _TASK_WORDS.get(number, str(number))


def _unknown(kind: str, word: str, known: Iterable[str]) -> str:
    return f"unknown {kind} {word!r}: expected {', '.join(map(repr, known))}"
