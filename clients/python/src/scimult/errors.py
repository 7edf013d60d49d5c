"""What a call to the server can end with, other than an answer."""

from __future__ import annotations

from dataclasses import dataclass

import grpc


@dataclass(frozen=True)
class FieldViolation:
    """A field of a request that the server refused, and why."""

    #: Its path, such as ``documents[3].paper.title``, where the place is that among all documents
    #: that were passed to the client, however many requests they took.
    field: str
    description: str


class ScimultError(Exception):
    """A call failed. Subclasses tell apart the statuses that callers handle differently."""

    def __init__(
        self,
        code: grpc.StatusCode,
        message: str,
        *,
        violations: tuple[FieldViolation, ...] = (),
        retry_after: float | None = None,
        first_document: int = 0,
    ) -> None:
        super().__init__(code, message)
        #: The gRPC status.
        self.code = code
        #: The server's message; places of documents in it are those that the caller counts.
        self.message = message
        #: The fields that were wrong.
        self.violations = violations
        #: Seconds after which the server would like to be asked again, where it said so.
        self.retry_after = retry_after
        #: Place, in what was passed to the client, of the first document of the failed request:
        #: more than 0 where there were too many for one request.
        self.first_document = first_document

    def __str__(self) -> str:
        is_placed = self.violations or not self.first_document
        place = "" if is_placed else f" (in the request from document {self.first_document} on)"
        return f"{self.code.name}: {self.message}{place}"


class InvalidArgumentError(ScimultError):
    """The request is wrong; ``violations`` name the fields."""


class NotFoundError(ScimultError):
    """What the request names does not exist."""


class FailedPreconditionError(ScimultError):
    """The model cannot do this, such as a task that it has no expert for."""


class ResourceExhaustedError(ScimultError):
    """The server is full (``retry_after`` says when to come back), or a message is too large."""


class UnavailableError(ScimultError):
    """No server answers there, or it is starting or stopping."""


class DeadlineExceededError(ScimultError):
    """The answer did not come within the client's ``timeout``."""


class UnauthenticatedError(ScimultError):
    """The server wants credentials, or others."""


class UnimplementedError(ScimultError):
    """The server does not have this method or feature."""


class InternalError(ScimultError):
    """A fault of the server; its message carries an id that the server's log has too."""


_CLASSES: dict[grpc.StatusCode, type[ScimultError]] = {
    grpc.StatusCode.INVALID_ARGUMENT: InvalidArgumentError,
    grpc.StatusCode.NOT_FOUND: NotFoundError,
    grpc.StatusCode.FAILED_PRECONDITION: FailedPreconditionError,
    grpc.StatusCode.RESOURCE_EXHAUSTED: ResourceExhaustedError,
    grpc.StatusCode.UNAVAILABLE: UnavailableError,
    grpc.StatusCode.DEADLINE_EXCEEDED: DeadlineExceededError,
    grpc.StatusCode.UNAUTHENTICATED: UnauthenticatedError,
    grpc.StatusCode.UNIMPLEMENTED: UnimplementedError,
    grpc.StatusCode.INTERNAL: InternalError,
}


def error_class(code: grpc.StatusCode) -> type[ScimultError]:
    """The class for a status; ``ScimultError`` itself for one that has none of its own."""
    return _CLASSES.get(code, ScimultError)
