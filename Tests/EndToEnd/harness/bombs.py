"""Valid messages whose unpacked form would take hundreds of megabytes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import grpc

from .calls import call
from .server import ServerProcess
from .wire import bytes_field, number_field

MESSAGE_BYTES_MAX = 4_194_304

TASK = number_field(2, 3)


def filled_with(field: bytes, before: bytes = TASK) -> bytes:
    """Returns a message of the maximum size, filled with one field."""
    return before + field * ((MESSAGE_BYTES_MAX - len(before)) // len(field))


def wrapped(field: bytes) -> bytes:
    """Returns a request of one document, filled with one field."""
    return TASK + bytes_field(4, field * ((MESSAGE_BYTES_MAX - 32) // len(field)))


BOMBS = {
    "empty documents": filled_with(bytes_field(4, b"")),
    "documents of an empty paper": filled_with(bytes_field(4, bytes_field(3, b""))),
    "unknown varints": filled_with(number_field(15, 1)),
    "unknown strings": filled_with(bytes_field(15, b"")),
    "unknown fields in a document": wrapped(number_field(15, 1)),
    "a paper again and again": wrapped(bytes_field(3, b"")),
    "request_id again and again": filled_with(bytes_field(1, b"")),
    "task again and again": filled_with(TASK),
    "query again and again": filled_with(bytes_field(3, bytes_field(2, b""))),
}

#: A valid message that keeps only the last of its papers: the server may answer or refuse it.
ANSWERABLE = "a paper again and again"


def outcome(server: ServerProcess, method: str, request: bytes) -> grpc.StatusCode:
    """Returns the status of one call on a separate connection."""
    with server.channel() as channel:
        try:
            call(channel, method, request)
        except grpc.RpcError as error:
            return error.code()
    return grpc.StatusCode.OK


def outcomes(
    server: ServerProcess, method: str, request: bytes, at_once: int
) -> set[grpc.StatusCode]:
    """Returns the statuses of several concurrent calls."""
    with ThreadPoolExecutor(at_once) as pool:
        return set(pool.map(lambda _: outcome(server, method, request), range(at_once)))


def allowed(bomb: str) -> set[grpc.StatusCode]:
    """Returns the allowed statuses for a bomb."""
    answered = {grpc.StatusCode.OK} if bomb == ANSWERABLE else set()
    return {grpc.StatusCode.INVALID_ARGUMENT} | answered
