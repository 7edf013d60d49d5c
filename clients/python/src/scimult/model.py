"""The server's description of its model."""

from __future__ import annotations

from dataclasses import dataclass

from ._generated import scimult_pb2 as pb
from .vocabulary import role_word, task_word


@dataclass(frozen=True)
class Expert:
    """The part of a model that serves a task in a role."""

    task: str
    #: ``"query"`` or ``"candidate"``.
    role: str
    #: The name in the model's own files.
    name: str


@dataclass(frozen=True)
class ModelInfo:
    """A server's model, and the limits of a message to the server."""

    name: str
    #: ``"vanilla"``, ``"expert"`` or ``"instruction"``.
    architecture: str
    #: Number of values d of an embedding.
    dimensions: int
    #: The maximum length of a text that the model reads, in tokens, including ``[CLS]`` and
    #: ``[SEP]``.
    max_tokens: int
    layers: int
    #: The tasks of ``task_names`` that have a number in the protocol.
    tasks: tuple[str, ...]
    #: ``"int8"``, ``"bf16"`` or ``"fp32"``.
    precision: str
    #: How embeddings are compared: ``"dot"`` or ``"cosine"``.
    similarity: str
    #: The maximum number of documents in one message.
    max_documents: int
    #: The maximum size of a message in either direction, in bytes.
    max_message_bytes: int
    #: Identifies everything that determines embeddings. Embeddings with equal fingerprints can be
    #: compared, even from different servers. Empty if the server is too old to report it.
    fingerprint: str = ""
    #: The part of the model that serves each task and role.
    experts: tuple[Expert, ...] = ()
    #: The names of all tasks that a call may use.
    task_names: tuple[str, ...] = ()


def from_message(message: pb.Model) -> ModelInfo:
    """Returns the description in a message."""
    tasks = tuple(task_word(task) for task in message.tasks)
    return ModelInfo(
        name=message.name,
        architecture=message.architecture,
        dimensions=message.dimensions,
        max_tokens=message.max_tokens,
        layers=message.layers,
        tasks=tasks,
        precision=message.precision,
        similarity=message.similarity,
        max_documents=message.max_documents,
        max_message_bytes=message.max_message_bytes,
        fingerprint=message.fingerprint,
        experts=tuple(
            Expert(task=expert.task, role=role_word(expert.role), name=expert.name)
            for expert in message.experts
        ),
        # A server that is too old to report task names serves only these tasks.
        task_names=tuple(message.task_names) or tasks,
    )
