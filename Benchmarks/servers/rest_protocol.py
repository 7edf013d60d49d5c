"""POST /embeddings, as in OpenAI's API."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException

import numpy as np
from protocol import CALL_SECONDS_MAX, CallError, Protocol
from shared.batches import FloatArray


class RESTProtocol(Protocol):
    """Embeddings in base64, which is faster than decimal numbers."""

    path = "/embeddings"
    headers = ("content-type: application/json",)
    is_http1 = True

    def __init__(self, model: str) -> None:
        self.model = model

    def message(self, texts: Sequence[str]) -> bytes:
        request = {"model": self.model, "input": list(texts), "encoding_format": "base64"}
        return json.dumps(request, ensure_ascii=False).encode()

    def vectors(self, reply: bytes) -> FloatArray:
        rows = json.loads(reply)["data"]
        return np.stack([np.frombuffer(b64decode(row["embedding"]), "<f4") for row in rows])

    def body(self, content: bytes) -> bytes:
        return content

    def call(self, address: str, message: bytes) -> bytes:
        connection = HTTPConnection(address, timeout=CALL_SECONDS_MAX)
        headers = dict(header.split(": ") for header in self.headers)
        try:
            connection.request("POST", self.path, message, headers)
            response = connection.getresponse()
            reply = response.read()
        except (OSError, HTTPException) as error:
            raise CallError(f"{type(error).__name__}: {error}") from None
        finally:
            connection.close()
        if response.status != 200:
            raise CallError(f"HTTP {response.status}: {reply[:200].decode(errors='replace')}")
        return reply
