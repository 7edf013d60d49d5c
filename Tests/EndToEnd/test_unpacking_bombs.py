"""Legal messages that would unpack to hundreds of megabytes cost the server next to nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

from harness.calls import call, get_model
from harness.wire import bytes_field, number_field

MESSAGE_BYTES_MAX = 4_194_304
GROWTH_BYTES_MAX = 64 << 20

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


def outcome(server, method: str, request: bytes) -> grpc.StatusCode:
    with server.channel() as channel:
        try:
            call(channel, method, request)
        except grpc.RpcError as error:
            return error.code()
    return grpc.StatusCode.OK


def outcomes(server, method: str, request: bytes) -> set[grpc.StatusCode]:
    """What becomes of four at once."""
    with ThreadPoolExecutor(4) as pool:
        return set(pool.map(lambda _: outcome(server, method, request), range(4)))


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize("method", ["Encode", "Rank"])
def test_bomb_is_refused(server, channel, bomb, method):
    allowed = {grpc.StatusCode.OK} if bomb == ANSWERABLE else set()
    assert outcomes(server, method, BOMBS[bomb]) <= {grpc.StatusCode.INVALID_ARGUMENT} | allowed
    assert get_model(channel).name == "tiny-expert"


@pytest.mark.measures_memory
@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize("method", ["Encode", "Rank"])
def test_bomb_is_not_unpacked(server, channel, bomb, method):
    get_model(channel)
    server.reset_memory_peak()
    before = server.memory_bytes()
    outcomes(server, method, BOMBS[bomb])
    assert server.memory_peak_bytes() - before < GROWTH_BYTES_MAX


def test_too_many_documents_are_refused_naming_the_limit(channel):
    with pytest.raises(grpc.RpcError, match="1024") as caught:
        call(channel, "Encode", BOMBS["empty documents"])
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_too_many_unknown_fields_are_refused_naming_the_limit(channel):
    with pytest.raises(grpc.RpcError, match="64"):
        call(channel, "Encode", BOMBS["unknown varints"])
