"""Bytes on the wire: protobuf fields, even those no serializer writes, and gRPC frames."""

from __future__ import annotations

import struct


def varint(value: int) -> bytes:
    """Returns a protobuf varint; negative values as 64-bit two's complement."""
    value &= (1 << 64) - 1
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def number_field(number: int, value: int) -> bytes:
    """Returns a field of an integer, a bool or an enum."""
    return varint(number << 3) + varint(value)


def bytes_field(number: int, value: bytes) -> bytes:
    """Returns a field of a string, of bytes or of a message."""
    return varint(number << 3 | 2) + varint(len(value)) + value


def frame(message: bytes, *, compressed: int = 0) -> bytes:
    """Returns a message with gRPC's prefix."""
    return struct.pack(">BI", compressed, len(message)) + message


def unframe(data: bytes) -> bytes:
    """Returns the only message in DATA."""
    compressed, length = struct.unpack(">BI", data[:5])
    assert compressed == 0
    assert length == len(data) - 5, "more or less than one message"
    return data[5:]
