"""The details of a refusal, as bytes that a server sends."""

from __future__ import annotations


def length_delimited(number: int, value: bytes) -> bytes:
    """A serialised protobuf field of bytes, shorter than 128."""
    return bytes([number << 3 | 2, len(value)]) + value


def bad_request_details(field: bytes, description: bytes) -> bytes:
    """A serialized google.rpc.Status with a BadRequest of one violation."""
    violation = length_delimited(1, field) + length_delimited(2, description)
    anything = length_delimited(1, b"type.googleapis.com/google.rpc.BadRequest") + length_delimited(
        2, length_delimited(1, violation)
    )
    return b"\x08\x03" + length_delimited(2, b"message") + length_delimited(3, anything)
