"""How texts are sent to a server, and embeddings are returned."""

from __future__ import annotations

import struct
from abc import ABC, abstractmethod
from collections.abc import Sequence

import grpc
from shared.batches import FloatArray

CALL_SECONDS_MAX = 120


class CallError(Exception):
    """A call got no answer, or not the expected one."""


class Protocol(ABC):
    """A method that embeds texts."""

    path: str
    headers: tuple[str, ...]
    is_http1: bool

    @abstractmethod
    def message(self, texts: Sequence[str]) -> bytes:
        """Returns the request."""

    @abstractmethod
    def vectors(self, reply: bytes) -> FloatArray:
        """Returns the embeddings of a reply, (n, d)."""

    @abstractmethod
    def body(self, content: bytes) -> bytes:
        """Returns the HTTP body for a message or a reply."""

    @abstractmethod
    def call(self, address: str, message: bytes) -> bytes:
        """Returns the reply to a real client; raises CallError if there is none."""


class GRPCProtocol(Protocol):
    """A unary method of gRPC."""

    headers = ("content-type: application/grpc", "te: trailers")
    is_http1 = False

    def body(self, content: bytes) -> bytes:
        return struct.pack(">BI", 0, len(content)) + content

    def call(self, address: str, message: bytes) -> bytes:
        options = [("grpc.enable_http_proxy", 0), ("grpc.max_receive_message_length", -1)]
        with grpc.insecure_channel(address, options) as channel:
            try:
                method = channel.unary_unary(self.path, bytes, bytes)
                reply: bytes = method(message, timeout=CALL_SECONDS_MAX)
            except grpc.RpcError as error:
                assert isinstance(error, grpc.Call)
                raise CallError(f"{error.code().name}: {error.details()}") from None
        return reply
