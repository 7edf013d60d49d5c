"""The errors of calls to the server."""

from __future__ import annotations

from dataclasses import dataclass

import grpc


@dataclass(frozen=True)
class FieldViolation:
    """A field of a request that the server refused, with the reason."""

    #: The field's path, such as ``documents[3].paper.title``. Positions count all documents of the
    #: call, even if it needed several requests.
    field: str
    description: str


class ScimultError(Exception):
    """A call failed. Subclasses distinguish the statuses that callers handle differently."""

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
        #: The server's message. Positions of documents in it count all documents of the call.
        self.message = message
        #: The invalid fields.
        self.violations = violations
        #: Seconds after which the server asks for a retry, or None if it named no time.
        self.retry_after = retry_after
        #: Position of the failed request's first document among all documents of the call. It is
        #: greater than 0 only if the call needed several requests.
        self.first_document = first_document

    def __str__(self) -> str:
        is_placed = self.violations or not self.first_document
        place = "" if is_placed else f" (in the request from document {self.first_document} on)"
        return f"{self.code.name}: {self.message}{place}"


class InvalidArgumentError(ScimultError):
    """The request is invalid; ``violations`` name the fields."""


class NotFoundError(ScimultError):
    """Something that the request names does not exist."""


class FailedPreconditionError(ScimultError):
    """The model cannot do this, for example a task without an expert."""


class ResourceExhaustedError(ScimultError):
    """The server is full (``retry_after`` says when to retry), or a message is too large."""


class UnavailableError(ScimultError):
    """No server answers at the address, or it is starting or stopping."""


class DeadlineExceededError(ScimultError):
    """The response did not arrive within the client's ``timeout``."""


class UnauthenticatedError(ScimultError):
    """The server requires credentials, or refuses those that were sent."""


class UnimplementedError(ScimultError):
    """The server does not have this method or feature."""


class InternalError(ScimultError):
    """An error of the server. The message contains an id that is also in the server's log."""


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
    """Returns the class for a status: ``ScimultError`` itself if there is no subclass."""
    return _CLASSES.get(code, ScimultError)
