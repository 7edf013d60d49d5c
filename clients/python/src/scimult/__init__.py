"""Client of SciMult Serve: embeds and ranks scientific texts with the expert of a task.

>>> from scimult import Client
>>> with Client("localhost:50051") as client:
...     vectors = client.encode(["graph neural networks"], task="search")  # (1, d) float32
"""

from .async_client import AsyncClient
from .client import Client
from .documents import Document, Paper, Text
from .embeddings import Embeddings
from .encoding import Encoded, OnError
from .errors import (
    DeadlineExceededError,
    FailedPreconditionError,
    FieldViolation,
    InternalError,
    InvalidArgumentError,
    NotFoundError,
    ResourceExhaustedError,
    ScimultError,
    UnauthenticatedError,
    UnavailableError,
    UnimplementedError,
)
from .model import Expert, ModelInfo
from .ranking import RankedCandidate
from .sentence_encoder import SentenceEncoder
from .tls import TLS
from .vocabulary import EmbeddingFormat, Priority, Role, Task

__all__ = [
    "TLS",
    "AsyncClient",
    "Client",
    "DeadlineExceededError",
    "Document",
    "EmbeddingFormat",
    "Embeddings",
    "Encoded",
    "Expert",
    "FailedPreconditionError",
    "FieldViolation",
    "InternalError",
    "InvalidArgumentError",
    "ModelInfo",
    "NotFoundError",
    "OnError",
    "Paper",
    "Priority",
    "RankedCandidate",
    "ResourceExhaustedError",
    "Role",
    "ScimultError",
    "SentenceEncoder",
    "Task",
    "Text",
    "UnauthenticatedError",
    "UnavailableError",
    "UnimplementedError",
]
