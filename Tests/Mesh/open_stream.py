"""An EncodeStream that stays open between its requests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from queue import Queue
from types import TracebackType
from typing import Any

import grpc

from harness.calls import CALL_SECONDS_MAX, SERVICE
from scimult._generated import scimult_pb2 as pb
from steady import request


class OpenStream:
    """Sends requests on demand, within a with statement."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._requests: Queue[pb.EncodeRequest | None] = Queue()
        method = channel.stream_stream(
            f"/{SERVICE}/EncodeStream",
            pb.EncodeRequest.SerializeToString,
            pb.EncodeResponse.FromString,
        )
        self._replies: Any = method(self._sent(), timeout=CALL_SECONDS_MAX)

    def __enter__(self) -> OpenStream:
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._requests.put(None)
        self._replies.cancel()

    def ask(self, number: int) -> str:
        """Sends a request and returns the id of its reply."""
        self._requests.put(request(number))
        return str(next(self._replies).request_id)

    def end(self) -> None:
        """Ends the requests; the call must succeed."""
        self._requests.put(None)
        assert list(self._replies) == []

    def wait_for_the_end(self) -> grpc.StatusCode:
        """Returns the status with which the call ends by itself."""
        with suppress(grpc.RpcError):
            assert list(self._replies) == []
        code: grpc.StatusCode = self._replies.code()
        return code

    def _sent(self) -> Iterator[pb.EncodeRequest]:
        while (each := self._requests.get()) is not None:
            yield each
