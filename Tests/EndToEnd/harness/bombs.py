"""Legal messages that would unpack to hundreds of megabytes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import grpc

from .calls import call
from .server import ServerProcess
from .wire import bytes_field, number_field

MESSAGE_BYTES_MAX = 4_194_304

TASK = number_field(2, 3)


def filled_with(field: bytes, before: bytes = TASK) -> bytes:
    """A message as large as one may be, full of one field."""
    return before + field * ((MESSAGE_BYTES_MAX - len(before)) // len(field))


def wrapped(field: bytes) -> bytes:
    """A request of one document, full of one field."""
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

#: Legal, and no more than the last of its papers: it may be answered as well as refused.
ANSWERABLE = "a paper again and again"


def outcome(server: ServerProcess, method: str, request: bytes) -> grpc.StatusCode:
    """How one call ends, on a connection of its own."""
    with server.channel() as channel:
        try:
            call(channel, method, request)
        except grpc.RpcError as error:
            return error.code()
    return grpc.StatusCode.OK


def outcomes(
    server: ServerProcess, method: str, request: bytes, at_once: int
) -> set[grpc.StatusCode]:
    """What becomes of so many at once."""
    with ThreadPoolExecutor(at_once) as pool:
        return set(pool.map(lambda _: outcome(server, method, request), range(at_once)))


def allowed(bomb: str) -> set[grpc.StatusCode]:
    """How a bomb may end."""
    answered = {grpc.StatusCode.OK} if bomb == ANSWERABLE else set()
    return {grpc.StatusCode.INVALID_ARGUMENT} | answered
