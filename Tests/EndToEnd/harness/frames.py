"""HTTP/2 frames as bytes, including frames that no library writes."""

from __future__ import annotations

import struct
from collections.abc import Iterable

import hpack
from h2.errors import ErrorCodes
from hyperframe import frame as frames

END_STREAM = 0x1
ACK = 0x1
END_HEADERS = 0x4
PADDED = 0x8
PRIORITY = 0x20


def raw(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """A frame of any kind, with any flags, on any stream."""
    return len(payload).to_bytes(3, "big") + struct.pack(">BBI", kind, flags, stream) + payload


def block(fields: Iterable[tuple[str, str]]) -> bytes:
    """Returns a header block that does not refer to earlier ones."""
    return hpack.Encoder().encode(list(fields))


def padded(payload: bytes, padding: bytes) -> bytes:
    """The payload of a frame with the flag PADDED."""
    return bytes([len(padding)]) + payload + padding


def dependency(on: int = 0, *, weight: int = 255, exclusive: bool = False) -> bytes:
    """Returns the five octets of a priority."""
    return struct.pack(">IB", on | exclusive << 31, weight)


def data(stream: int, payload: bytes = b"test", flags: int = END_STREAM) -> bytes:
    return raw(frames.DataFrame.type, flags, stream, payload)


def headers(stream: int, fragment: bytes, flags: int = END_STREAM | END_HEADERS) -> bytes:
    return raw(frames.HeadersFrame.type, flags, stream, fragment)


def continuation(stream: int, fragment: bytes, flags: int = END_HEADERS) -> bytes:
    return raw(frames.ContinuationFrame.type, flags, stream, fragment)


def priority(stream: int, fields: bytes) -> bytes:
    return raw(frames.PriorityFrame.type, 0, stream, fields)


def rst_stream(stream: int, code: int = ErrorCodes.CANCEL) -> bytes:
    return raw(frames.RstStreamFrame.type, 0, stream, struct.pack(">I", code))


def settings(*values: tuple[int, int], flags: int = 0) -> bytes:
    payload = b"".join(struct.pack(">HI", key, value) for key, value in values)
    return raw(frames.SettingsFrame.type, flags, 0, payload)


def ping(opaque: bytes = bytes(8), flags: int = 0, stream: int = 0) -> bytes:
    return raw(frames.PingFrame.type, flags, stream, opaque)


def goaway(code: int, stream: int = 0) -> bytes:
    return raw(frames.GoAwayFrame.type, 0, stream, struct.pack(">II", 0, code))


def window_update(stream: int, increment: int) -> bytes:
    return raw(frames.WindowUpdateFrame.type, 0, stream, struct.pack(">I", increment))
