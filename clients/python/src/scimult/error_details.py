"""Reads the details of a failed call from its trailers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

from .errors import FieldViolation, ScimultError, error_class

_BAD_REQUEST_URL = "type.googleapis.com/google.rpc.BadRequest"
_PUSHBACK = "grpc-retry-pushback-ms"

#: A document of a request in the server's error messages.
_PLACE = re.compile(r"\b(documents|candidates)\[(\d{1,9})\]")


@contextmanager
def errors_of_calls(first_document: int = 0) -> Iterator[None]:
    """Raises the client's error if a call in the block fails with gRPC's own error."""
    try:
        yield
    except grpc.RpcError as failure:
        raise to_error(failure, first_document=first_document) from failure
    except grpc.FutureCancelledError as cancelled:
        raise ScimultError(
            grpc.StatusCode.CANCELLED, "the call was cancelled", first_document=first_document
        ) from cancelled


def to_error(failure: Any, *, first_document: int = 0) -> ScimultError:
    """Converts gRPC's error of a failed call to the client's error."""
    code = failure.code()
    trailers = dict(failure.trailing_metadata() or ())
    return error_class(code)(
        code,
        _counted_from(first_document, failure.details() or ""),
        violations=tuple(
            FieldViolation(_counted_from(first_document, violation.field), violation.description)
            for violation in _violations(trailers.get("grpc-status-details-bin", b""))
        ),
        retry_after=_seconds(trailers.get(_PUSHBACK, "")),
        first_document=first_document,
    )


def is_pushback(error: ScimultError) -> bool:
    """Whether the server named a time for a retry, or forbade one."""
    failure: Any = error.__cause__
    return _PUSHBACK in dict(failure.trailing_metadata() or ())


def _counted_from(first: int, words: str) -> str:
    """Returns the server's message with positions that count all documents of the call."""
    return _PLACE.sub(lambda place: f"{place[1]}[{int(place[2]) + first}]", words)


def _violations(serialized_status: bytes) -> tuple[FieldViolation, ...]:
    # Details only explain. If they cannot be read, the status and the message are still valid.
    try:
        status = _Status.FromString(serialized_status)
        bad_requests = [
            _BadRequest.FromString(detail.value)
            for detail in status.details
            if detail.type_url == _BAD_REQUEST_URL
        ]
    except DecodeError:
        return ()
    return tuple(
        FieldViolation(violation.field, violation.description)
        for bad_request in bad_requests
        for violation in bad_request.field_violations
    )


def _seconds(milliseconds: str) -> float | None:
    return int(milliseconds) / 1000 if milliseconds.isdecimal() else None


def _load_messages() -> tuple[Any, Any]:
    """Makes the parts of ``google.rpc.Status`` and ``google.rpc.BadRequest`` that are read here.

    They are in a separate descriptor pool. The default pool may already contain them, and would
    refuse different ones.
    """
    field = descriptor_pb2.FieldDescriptorProto
    one, many = field.LABEL_OPTIONAL, field.LABEL_REPEATED
    file = descriptor_pb2.FileDescriptorProto(
        name="scimult_error_details.proto", package="google.rpc", syntax="proto3"
    )

    def add(message: str, *fields: tuple[str, int, int, int, str | None]) -> None:
        descriptor = file.message_type.add(name=message)
        for name, number, label, kind, type_name in fields:
            descriptor.field.add(
                name=name, number=number, label=label, type=kind, type_name=type_name
            )

    string, octets, nested = field.TYPE_STRING, field.TYPE_BYTES, field.TYPE_MESSAGE
    add("Any", ("type_url", 1, one, string, None), ("value", 2, one, octets, None))
    add("Status", ("details", 3, many, nested, ".google.rpc.Any"))
    add("FieldViolation", ("field", 1, one, string, None), ("description", 2, one, string, None))
    add("BadRequest", ("field_violations", 1, many, nested, ".google.rpc.FieldViolation"))

    pool: Any = descriptor_pool.DescriptorPool()
    pool.Add(file)
    status, bad_request = (
        message_factory.GetMessageClass(pool.FindMessageTypeByName(f"google.rpc.{name}"))
        for name in ("Status", "BadRequest")
    )
    return status, bad_request


_Status, _BadRequest = _load_messages()
