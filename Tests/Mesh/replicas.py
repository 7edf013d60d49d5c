"""Replicas of the server, which keep their addresses when they are restarted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from harness.metrics import Metrics
from harness.server import ServerProcess
from ports import free_port

StartServer = Callable[..., ServerProcess]


class Replica:
    """A server on a fixed port."""

    def __init__(
        self, start_server: StartServer, options: Sequence[str | Path], **further: Any
    ) -> None:
        self._start_server = start_server
        self._options = options
        self._further = further
        self.port = free_port()
        self.server = self._start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def restart(self) -> None:
        """Stops by SIGTERM, as operators do, checks for a clean exit, and starts again."""
        self.server.stop()
        self.start_again()

    def start_again(self) -> None:
        self.server = self._start()

    def answered(self, status: str = "OK", method: str = "Encode") -> float:
        """Returns the number of requests with this status since the last start."""
        metrics = Metrics.of(self.server)
        return metrics.total("scimult_requests_total", method=method, status=status)

    def refused(self, reason: str) -> float:
        """Returns the number of refusals for a reason since the last start."""
        return Metrics.of(self.server).total("scimult_refusals_total", reason=reason)

    def waiting_tokens(self) -> float:
        """Returns the number of waiting tokens."""
        return Metrics.of(self.server).value("scimult_queue_tokens")

    def connections(self) -> float:
        """Returns the number of open connections."""
        return Metrics.of(self.server).value("scimult_connections")

    def _start(self) -> ServerProcess:
        return self._start_server(*self._options, listen=self.address, **self._further)
