"""gRPC-Web over HTTP/1.1, as a page in a browser calls."""

from __future__ import annotations

import base64
import http.client
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from harness.calls import SERVICE
from harness.certificates import Authority
from harness.wire import frame

TRAILERS = 0x80

BINARY = "application/grpc-web+proto"
TEXT = "application/grpc-web-text+proto"


@dataclass(frozen=True)
class Answer:
    """An HTTP response with its messages."""

    status: int
    headers: Mapping[str, str]
    messages: list[bytes]
    #: From the last frame, or from the headers if there was none.
    trailers: Mapping[str, str]


class Web:
    """A browser's connection to a port, without a client certificate."""

    def __init__(self, port: int, authority: Authority) -> None:
        context = authority.client_context(protocols=("http/1.1",))
        self._connection = http.client.HTTPSConnection(
            "localhost", port, timeout=60, context=context
        )

    def call(self, method: str, *messages: bytes, kind: str = BINARY, **headers: str) -> Answer:
        """Calls a method of the service; header names are written with _ for -."""
        body = b"".join(map(frame, messages))
        if kind == TEXT:
            body = base64.b64encode(body)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        all_headers = {"content-type": kind, "accept": kind, "x-grpc-web": "1", **named}
        status, fields, content = self.ask("POST", f"/{SERVICE}/{method}", body, all_headers)
        if kind == TEXT:
            content = _decoded(content)
        frames = list(_frames(content))
        trailers = [_fields(payload) for flags, payload in frames if flags & TRAILERS]
        return Answer(
            status,
            fields,
            [payload for flags, payload in frames if not flags & TRAILERS],
            trailers[0] if trailers else fields,
        )

    def ask(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Sends any request; returns status, headers and content of its response."""
        self._connection.request(method, path, body, dict(headers))
        response = self._connection.getresponse()
        assert response.version == 11
        content = response.read()
        fields = {name.lower(): value for name, value in response.getheaders()}
        return response.status, fields, content

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()


def _decoded(content: bytes) -> bytes:
    """Decodes base64 that was encoded in pieces, with padding inside."""
    assert len(content) % 4 == 0
    return b"".join(base64.b64decode(content[at : at + 4]) for at in range(0, len(content), 4))


def _frames(content: bytes) -> list[tuple[int, bytes]]:
    frames = []
    while content:
        flags, length = struct.unpack(">BI", content[:5])
        frames.append((flags, content[5 : 5 + length]))
        assert len(frames[-1][1]) == length
        content = content[5 + length :]
    return frames


def _fields(payload: bytes) -> dict[str, str]:
    lines = payload.decode().strip().splitlines()
    return {
        name.strip().lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)
    }
