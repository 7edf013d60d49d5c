"""Attacks by hostile clients, as bytes on a connection."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import hpack

from .frames import (
    END_HEADERS,
    block,
    continuation,
    data,
    dependency,
    headers,
    padded,
    ping,
    priority,
    rst_stream,
    settings,
    window_update,
)
from .http2 import grpc_headers

UNFINISHED = 0
PADDED = 0x8

CALL = block(grpc_headers("Encode"))


@dataclass(frozen=True)
class Attack:
    """Bytes after which the server closes the connection."""

    #: The reason in the metric.
    reason: str
    #: More frames than any limit allows.
    frames: Callable[[], Iterable[bytes]]

    def octets(self) -> bytes:
        return b"".join(self.frames())


def streams(count: int) -> Iterable[int]:
    """Returns the first stream ids of a client."""
    return range(1, 2 * count, 2)


def opened(stream: int) -> bytes:
    """Returns the start of a call, without its message."""
    return headers(stream, CALL, END_HEADERS)


def rapid_reset() -> Iterable[bytes]:
    for stream in streams(5_000):
        yield opened(stream) + rst_stream(stream)


def window_overflow() -> Iterable[bytes]:
    for stream in streams(5_000):
        yield opened(stream) + window_update(stream, (1 << 31) - 1)


def header_without_a_value_that_counts() -> Iterable[bytes]:
    wrong = block([*grpc_headers("Encode"), ("connection", "keep-alive")])
    for stream in streams(5_000):
        yield headers(stream, wrong)


def continuations() -> Iterable[bytes]:
    yield headers(1, CALL[:1], UNFINISHED)
    for _ in range(20_000):
        yield continuation(1, b"", UNFINISHED)


def pings() -> Iterable[bytes]:
    return (ping(struct.pack(">Q", number)) for number in range(20_000))


def empty_settings() -> Iterable[bytes]:
    return (settings() for _ in range(20_000))


def empty_data() -> Iterable[bytes]:
    yield opened(1)
    for _ in range(100_000):
        yield data(1, b"", UNFINISHED)


def padding_without_data() -> Iterable[bytes]:
    yield opened(1)
    for _ in range(10_000):
        yield data(1, padded(b"", bytes(200)), PADDED)


def priorities() -> Iterable[bytes]:
    for stream in streams(100_000):
        yield priority(stream, dependency())


def window_updates() -> Iterable[bytes]:
    return (window_update(0, 1) for _ in range(100_000))


def header_bomb(stream: int) -> bytes:
    """Returns a block of 16 KB that expands by a factor of thousands: one repeated long field."""
    encoder = hpack.Encoder()
    first = encoder.encode([*grpc_headers("Encode"), ("x-bomb", "b" * 3_900)])
    again = encoder.encode([("x-bomb", "b" * 3_900)])
    assert len(again) == 1
    room = (1 << 14) - len(first) - 100
    return headers(stream, first + again * room, END_HEADERS)


ATTACKS = {
    "rapid reset": Attack("rapid_reset", rapid_reset),
    "window overflow": Attack("invalid_frames", window_overflow),
    "forbidden header": Attack("invalid_frames", header_without_a_value_that_counts),
    "continuations": Attack("continuations", continuations),
    "pings": Attack("control_frames", pings),
    "settings": Attack("control_frames", empty_settings),
    "empty data": Attack("empty_data", empty_data),
    "padding without data": Attack("empty_data", padding_without_data),
    "priorities": Attack("priorities", priorities),
    "window updates": Attack("window_updates", window_updates),
}
