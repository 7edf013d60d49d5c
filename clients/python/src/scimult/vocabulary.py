"""The words of the API (tasks, roles, formats) and their numbers in the protocol."""

from __future__ import annotations

from typing import Literal, TypeAlias, TypedDict

from ._generated import scimult_pb2 as pb
from .arguments import check_word
from .fields import with_whole_characters

#: The task that texts are embedded for: one of the paper's tasks, with a hyphen accepted in place
#: of the underscore, or another task of the server's model, spelled as in
#: :attr:`ModelInfo.task_names`.
Task: TypeAlias = Literal["classification", "link_prediction", "link-prediction", "search"] | str
#: A text's side of the comparison.
Role = Literal["query", "candidate"]
#: The format in which the server sends embeddings.
EmbeddingFormat = Literal["float32", "float16", "int8", "binary"]
#: Whether calls yield to other clients' calls.
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
    """The fields of a request for its task: one of the two."""

    task: pb.Task
    task_name: str


def task_fields(word: str) -> TaskFields:
    """Returns the fields for a task. Raises ``ValueError`` or ``TypeError`` on impossible names.

    The paper's tasks are sent as their numbers, which every server knows. For other names, the
    server checks whether the task exists.
    """
    if not isinstance(word, str) or not word:
        check_word("task", word, _TASKS)
    number = _TASKS.get(word.replace("-", "_"))
    return {"task_name": with_whole_characters(word)} if number is None else {"task": number}


def role_number(word: str) -> pb.Role:
    """Returns a role's number. Raises ``ValueError`` or ``TypeError`` on an unknown role."""
    return _ROLES[check_word("role", word, _ROLES)]


def format_number(word: str) -> pb.EmbeddingFormat:
    """Returns a format's number. Raises ``ValueError`` or ``TypeError`` on an unknown format."""
    return _FORMATS[check_word("format", word, _FORMATS)]


def check_priority(word: str) -> str:
    """Returns the priority. Raises ``ValueError`` or ``TypeError`` on an unknown priority."""
    return check_word("priority", word, _PRIORITIES)


def task_word(number: int) -> str:
    """Returns a task's name, or its number in digits if this client does not know the task."""
    return _TASK_WORDS.get(number, str(number))


def role_word(number: int) -> str:
    """Returns a role's name, or its number in digits if this client does not know the role."""
    return _ROLE_WORDS.get(number, str(number))
