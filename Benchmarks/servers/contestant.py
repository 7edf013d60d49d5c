"""The benchmark's interface to a server: start, calls, memory and stop."""

from __future__ import annotations

import socket
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile

from h2load import Request, Target
from protocol import CallError, Protocol
from server_process import ServerProcess
from setting import Setting
from shared.batches import FloatArray
from shared.processes import AbsentError
from traffic import Text

START_SECONDS_MAX = 300
POLL_SECONDS = 0.005
RETRY_SECONDS = 0.1


class Contestant(ABC):
    """A server on a port of this machine."""

    name: str
    title: str
    """The name in tables."""
    protocol: Protocol

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.port = 0
        self.server: ServerProcess | None = None

    @abstractmethod
    def command(self) -> list[str]:
        """The command that serves on `port`."""

    @property
    def environment(self) -> dict[str, str]:
        """The server's environment."""
        return self.setting.environment

    @property
    def folder(self) -> Path | None:
        """The server's working directory."""
        return None

    @property
    def address(self) -> str:
        """The server's address."""
        return f"127.0.0.1:{self.port}"

    @property
    def target(self) -> Target:
        """The target for load."""
        protocol, core = self.protocol, self.setting.load_core
        return Target(self.address, protocol.path, protocol.headers, protocol.is_http1, core)

    @property
    def running(self) -> ServerProcess:
        """The server's process."""
        if self.server is None:
            raise AbsentError("it does not run")
        return self.server

    def start(self, texts: Sequence[Text]) -> tuple[float, FloatArray]:
        """Starts the server.

        Returns the seconds from the command to the first answer, and that answer's embeddings.
        """
        self.port = free_port()
        started = time.monotonic()
        self.server = ServerProcess(
            self.command(),
            self.setting.cache / f"server-{self.name}.log",
            {self.setting.server_core},
            self.environment,
            self.folder,
        )
        message = self.protocol.message([text.text for text in texts])
        problem = "nothing listens on its port"
        while time.monotonic() - started < START_SECONDS_MAX:
            if self.server.has_ended:
                raise self.absence("it ended")
            if not listens(self.port):
                time.sleep(POLL_SECONDS)
                continue
            try:
                reply = self.protocol.call(self.address, message)
                return time.monotonic() - started, self.protocol.vectors(reply)
            except CallError as error:
                problem = str(error)
                time.sleep(RETRY_SECONDS)
        raise self.absence(f"no answer after {START_SECONDS_MAX} s: {problem}")

    def request(self, texts: Sequence[Text]) -> tuple[Request, FloatArray]:
        """Sends texts once with a real client.

        Returns the request as a file, to be sent repeatedly, and the embeddings of the answer.
        """
        message = self.protocol.message([text.text for text in texts])
        try:
            reply = self.protocol.call(self.address, message)
        except CallError as error:
            raise self.absence(f"a valid request failed: {error}") from None
        with NamedTemporaryFile(dir=self.setting.scratch, delete=False) as body:
            body.write(self.protocol.body(message))
        request = Request(
            body=Path(body.name),
            reply_bytes=len(self.protocol.body(reply)),
            texts=len(texts),
            tokens=sum(len(text.ids) for text in texts),
        )
        return request, self.protocol.vectors(reply)

    def absence(self, reason: str) -> AbsentError:
        """Returns the error for a server that is left out: a reason, and the end of the log."""
        return AbsentError("\n".join([reason, *self.running.log_tail()]))

    def stop(self) -> None:
        """Stops the server."""
        if self.server is not None:
            self.server.stop()
            self.server = None


def free_port() -> int:
    """Returns a port on which no process listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listens(port: int) -> bool:
    """Whether a process accepts connections on the port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
