"""Malformed sequences of frames and malformed messages, generated from a seed."""

from __future__ import annotations

import random
import socket
from collections.abc import Callable

import grpc

from scimult._generated import scimult_pb2 as pb

from . import frames
from .attacks import CALL
from .calls import call
from .raw_http2 import PREFACE
from .server import ServerProcess
from .wire import frame

#: For the server to close a connection after the client's last data.
CLOSE_SECONDS_MAX = 20

GOOD = pb.EncodeRequest(
    request_id="good",
    task=pb.TASK_SEARCH,
    documents=[
        pb.Document(id="text", text="mixture of experts"),
        pb.Document(id="paper", paper=pb.Paper(title="cells", abstract="of a kind")),
    ],
)

RANKING = pb.RankRequest(
    request_id="good",
    task=pb.TASK_LINK_PREDICTION,
    query=pb.Document(id="query", text="mixture of experts"),
    candidates=GOOD.documents,
    top_k=2,
    return_documents=True,
)

#: The allowed statuses for a malformed message. None of them is an error of the server.
REFUSALS = {
    grpc.StatusCode.OK,
    grpc.StatusCode.INVALID_ARGUMENT,
    # A task name that the model does not serve.
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.UNIMPLEMENTED,
}

Random = random.Random


def frame_sequence(seed: int) -> bytes:
    """Returns frames with errors in their contents, in their order, or in their bytes."""
    chance = Random(seed)
    octets = bytearray()
    if chance.random() < 0.95:
        octets += PREFACE
    if chance.random() < 0.9:
        octets += frames.settings()
    for _ in range(chance.randint(1, 12)):
        octets += chance.choice(_FRAMES)(chance)
    if chance.random() < 0.5:
        _mutate(octets, chance, begin=len(PREFACE))
    return bytes(octets)


def message(seed: int) -> tuple[str, bytes]:
    """Returns a method, and one of its requests in which some bytes were changed."""
    chance = Random(seed)
    method, request = chance.choice((("Encode", GOOD), ("Rank", RANKING)))
    octets = bytearray(request.SerializeToString())
    if chance.random() < 0.1:
        octets = bytearray(chance.randbytes(chance.randint(1, 200)))
    for _ in range(chance.randint(1, 4)):
        _mutate(octets, chance)
    return method, bytes(octets)


def send_and_hang_up(server: ServerProcess, octets: bytes) -> None:
    """Sends all bytes and returns once the server has closed the connection."""
    with socket.create_connection((server.host, server.port), CLOSE_SECONDS_MAX) as connection:
        try:
            connection.sendall(octets)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(1 << 16):
                pass
        except TimeoutError:
            raise
        except OSError:
            # The server closed the connection first.
            pass


def outcome(channel: grpc.Channel, method: str, octets: bytes) -> grpc.StatusCode:
    """Returns the status of a call with such a message."""
    try:
        call(channel, method, octets)
    except grpc.RpcError as error:
        return error.code()
    return grpc.StatusCode.OK


def _mutate(octets: bytearray, chance: Random, begin: int = 0) -> None:
    """Changes, removes, repeats or inserts some bytes."""
    if len(octets) <= begin:
        return
    place = chance.randrange(begin, len(octets))
    end = min(len(octets), place + chance.randint(1, 9))
    match chance.randrange(6):
        case 0:
            octets[place] ^= 1 << chance.randrange(8)
        case 1:
            octets[place] = chance.choice((0, 1, 0x7F, 0x80, 0xFF))
        case 2:
            del octets[place:end]
        case 3:
            octets[place:place] = octets[place:end] * chance.randint(1, 5)
        case 4:
            octets[place:place] = chance.randbytes(chance.randint(1, 12))
        case _:
            del octets[place:]


def _stream(chance: Random) -> int:
    return chance.choice((0, 1, 1, 1, 3, 3, 5, 2, 7, 0x7FFFFFFF))


def _payload(chance: Random) -> bytes:
    return chance.choice((frame(GOOD.SerializeToString()), chance.randbytes(chance.randint(0, 99))))


_FRAMES: list[Callable[[Random], bytes]] = [
    lambda chance: frames.headers(_stream(chance), CALL, chance.choice((4, 4, 5, 0, 1, 0x2C))),
    lambda chance: frames.headers(1, chance.randbytes(chance.randint(0, 60)), 4),
    lambda chance: frames.headers(1, CALL, 4) + frames.data(1, _payload(chance)),
    lambda chance: frames.data(_stream(chance), _payload(chance), chance.choice((0, 1, 8, 9))),
    lambda chance: frames.continuation(_stream(chance), CALL[: chance.randint(0, len(CALL))]),
    lambda chance: frames.settings((chance.randint(0, 9), chance.getrandbits(32))),
    lambda chance: frames.settings(flags=frames.ACK),
    lambda chance: frames.window_update(_stream(chance), chance.choice((0, 1, (1 << 31) - 1))),
    lambda chance: frames.ping(chance.randbytes(chance.choice((8, 8, 7, 0))), chance.randrange(2)),
    lambda chance: frames.rst_stream(_stream(chance), chance.getrandbits(32)),
    lambda chance: frames.priority(_stream(chance), chance.randbytes(chance.choice((5, 5, 4)))),
    lambda chance: frames.goaway(chance.getrandbits(32), chance.choice((0, 0, 1))),
    lambda chance: frames.raw(
        chance.randrange(256),
        chance.randrange(256),
        _stream(chance),
        chance.randbytes(chance.randint(0, 40)),
    ),
]
