"""A client that takes as little time as a client in Python can: one connection, one call at a time.

The bytes of a call are made before it is timed. hpack's encoder indexes the fields of the first
call, as clients do, so those of later calls are a few bytes.
"""

from __future__ import annotations

import socket
import struct
import time

import hpack

DATA, HEADERS, SETTINGS, WINDOW_UPDATE = 0, 1, 4, 8
ACK = END_STREAM = 1
END_HEADERS = 4
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
WINDOW_BYTES_MAX = (1 << 31) - 1
INITIAL_WINDOW_BYTES = (1 << 16) - 1


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    """An HTTP/2 frame."""
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


class UnaryClient:
    """Calls a method with the same message again and again."""

    def __init__(self, address: str, path: str, message: bytes) -> None:
        host, _, port = address.rpartition(":")
        self.socket = socket.create_connection((host, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.body = b"\0" + struct.pack(">I", len(message)) + message
        self.stream = 1
        self.reply_bytes = 0
        fields = [
            (":method", "POST"),
            (":scheme", "http"),
            (":path", path),
            (":authority", address),
            ("content-type", "application/grpc"),
            ("te", "trailers"),
        ]
        encoder = hpack.Encoder()
        first, self.fields = encoder.encode(fields), encoder.encode(fields)
        window = struct.pack(">I", WINDOW_BYTES_MAX - INITIAL_WINDOW_BYTES)
        self.socket.sendall(
            PREFACE
            + frame(SETTINGS, 0, 0, b"")
            + frame(WINDOW_UPDATE, 0, 0, window)
            + frame(SETTINGS, ACK, 0, b"")
        )
        self.call_ns(first)

    def request(self, fields: bytes) -> bytes:
        """The frames of the next call."""
        headers = frame(HEADERS, END_HEADERS, self.stream, fields)
        return headers + frame(DATA, END_STREAM, self.stream, self.body)

    def call_ns(self, fields: bytes | None = None) -> int:
        """The time from the first byte sent to the last byte received, the trailers'.

        Raises SystemExit where the call has no message in reply: a refusal takes less time.
        """
        request = self.request(fields or self.fields)
        trailers = struct.pack(">BBI", HEADERS, END_HEADERS | END_STREAM, self.stream)
        start = time.perf_counter_ns()
        self.socket.sendall(request)
        reply = self.socket.recv(1 << 16)
        while trailers not in reply:
            more = self.socket.recv(1 << 16)
            if not more:
                raise SystemExit("the server closed the connection")
            reply += more
        duration = time.perf_counter_ns() - start
        if struct.pack(">BBI", DATA, 0, self.stream) not in reply:
            raise SystemExit("the server refused a call")
        self.stream += 2
        self.reply_bytes = len(reply)
        return duration
