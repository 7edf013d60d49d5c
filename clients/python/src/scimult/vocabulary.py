"""The words of the contract (tasks, roles, formats) and the numbers that stand for them."""

from __future__ import annotations

from typing import Literal, TypeAlias, TypedDict

from ._generated import scimult_pb2 as pb
from .arguments import check_word
from .fields import with_whole_characters

#: What texts are embedded for: one of the paper's tasks, where a hyphen is accepted for the
#: underscore, or any other that the server's model has, as :attr:`ModelInfo.task_names` spells it.
Task: TypeAlias = Literal["classification", "link_prediction", "link-prediction", "search"] | str
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
_ROLE_WORDS: dict[int, str] = {
    pb.ROLE_UNSPECIFIED: "query",
    **{number: word for word, number in _ROLES.items()},
}


class TaskFields(TypedDict, total=False):
    """The fields of a request that say its task: one of the two."""

    task: pb.Task
    task_name: str


def task_fields(word: str) -> TaskFields:
    """How a request says a task. Raises ``ValueError`` or ``TypeError`` on what can be none.

    The paper's tasks travel by their numbers, which every server knows. Whether there is a task of
    another name is for the server to say.
    """
    if not isinstance(word, str) or not word:
        check_word("task", word, _TASKS)
    number = _TASKS.get(word.replace("-", "_"))
    return {"task_name": with_whole_characters(word)} if number is None else {"task": number}


def role_number(word: str) -> pb.Role:
    """A role's number. Raises ``ValueError`` or ``TypeError`` on what is no role."""
    return _ROLES[check_word("role", word, _ROLES)]


def format_number(word: str) -> pb.EmbeddingFormat:
    """A format's number. Raises ``ValueError`` or ``TypeError`` on what is no format."""
    return _FORMATS[check_word("format", word, _FORMATS)]


def check_priority(word: str) -> str:
    """The priority itself. Raises ``ValueError`` or ``TypeError`` on what is no priority."""
    return check_word("priority", word, _PRIORITIES)


def task_word(number: int) -> str:
    """A task's word; its number in digits where the server knows more tasks than this client."""
    return _TASK_WORDS.get(number, str(number))


def role_word(number: int) -> str:
    """A role's word; its number in digits where the server knows more roles than this client."""
    return _ROLE_WORDS.get(number, str(number))
