"""A correct client that runs concurrently with hostile ones."""

from __future__ import annotations

import time
from threading import Event, Thread
from types import TracebackType

from scimult._generated import scimult_pb2 as pb

from .calls import encode
from .server import ServerProcess

REQUEST = pb.EncodeRequest(
    task=pb.TASK_SEARCH,
    documents=[pb.Document(text="mixture of experts"), pb.Document(text="cells")],
)


class InnocentClient:
    """Calls Encode repeatedly on a separate connection, while the body of a with statement runs.

    At the end all responses must have been correct, including one to a call that began after the
    body.
    """

    def __init__(self, server: ServerProcess) -> None:
        self._server = server
        self._stop = Event()
        self._thread = Thread(target=self._run)
        self._faults: list[str] = []
        #: The duration of each call.
        self.seconds: list[float] = []

    def __enter__(self) -> InnocentClient:
        with self._server.channel() as channel:
            self._expected = encode(channel, REQUEST)
        self._thread.start()
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()
        if exception is None:
            assert not self._faults, self._faults[:3]
            assert self.seconds

    def _run(self) -> None:
        with self._server.channel() as channel:
            is_last = False
            while not is_last and not self._faults:
                is_last = self._stop.is_set()
                begun = time.monotonic()
                try:
                    if encode(channel, REQUEST) != self._expected:
                        self._faults.append("another answer")
                except Exception as error:
                    self._faults.append(repr(error))
                self.seconds.append(time.monotonic() - begun)
