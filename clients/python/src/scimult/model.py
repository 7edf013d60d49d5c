"""What a server tells about the model that it serves."""

from __future__ import annotations

from dataclasses import dataclass

from ._generated import scimult_pb2 as pb
from .vocabulary import role_word, task_word


@dataclass(frozen=True)
class Expert:
    """What of a model serves a task on one side of the comparison."""

    task: str
    #: ``"query"`` or ``"candidate"``.
    role: str
    #: As the model's own files call it.
    name: str


@dataclass(frozen=True)
class ModelInfo:
    """The model behind a server, and the limits of a message to it."""

    name: str
    #: ``"vanilla"``, ``"expert"`` or ``"instruction"``.
    architecture: str
    #: Width d of an embedding.
    dimensions: int
    #: The longest text that the model reads, in tokens, ``[CLS]`` and ``[SEP]`` included.
    max_tokens: int
    layers: int
    #: Those of ``task_names`` that have a number in the contract.
    tasks: tuple[str, ...]
    #: ``"int8"``, ``"bf16"`` or ``"fp32"``.
    precision: str
    #: How scores are made of embeddings: ``"dot"`` or ``"cosine"``.
    similarity: str
    #: The most documents in one message.
    max_documents: int
    #: The largest message in either direction, in bytes.
    max_message_bytes: int
    #: Of all that determines embeddings: those of equal fingerprints can be compared, whichever
    #: servers they come from. Empty where the server is too old to tell.
    fingerprint: str = ""
    #: Which part of the model serves what.
    experts: tuple[Expert, ...] = ()
    #: All tasks that a call may name.
    task_names: tuple[str, ...] = ()


def from_message(message: pb.Model) -> ModelInfo:
    """The description that a message holds."""
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
        # A server that is too old to tell them has none beside these.
        task_names=tuple(message.task_names) or tasks,
    )
