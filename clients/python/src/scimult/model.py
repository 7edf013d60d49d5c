"""What a server tells about the model that it serves."""

from __future__ import annotations

from dataclasses import dataclass

from ._generated import scimult_pb2 as pb
from .vocabulary import task_word


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
    tasks: tuple[str, ...]
    #: ``"int8"``, ``"bf16"`` or ``"fp32"``.
    precision: str
    #: How scores are made of embeddings: ``"dot"`` or ``"cosine"``.
    similarity: str
    #: The most documents in one message.
    max_documents: int
    #: The largest message in either direction, in bytes.
    max_message_bytes: int


def from_message(message: pb.Model) -> ModelInfo:
    """The description that a message holds."""
    return ModelInfo(
        name=message.name,
        architecture=message.architecture,
        dimensions=message.dimensions,
        max_tokens=message.max_tokens,
        layers=message.layers,
        tasks=tuple(task_word(task) for task in message.tasks),
        precision=message.precision,
        similarity=message.similarity,
        max_documents=message.max_documents,
        max_message_bytes=message.max_message_bytes,
    )
