"""A server in a separate process on a separate core."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence, Set
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from shared.processes import pinned

STOP_SECONDS_MAX = 20

LOG_TAIL_LINES = 12


class ServerProcess:
    """A command that serves until it is stopped; its output goes to a log."""

    def __init__(
        self,
        command: Sequence[str],
        log: Path,
        cores: Set[int],
        environment: Mapping[str, str],
        folder: Path | None = None,
    ) -> None:
        self.log = log
        with log.open("wb") as output:
            # A separate process group: Ctrl-C then reaches only the benchmark, which stops its
            # servers. A server's child processes end with it.
            self.process = subprocess.Popen(
                pinned(command, cores),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
                cwd=folder,
                start_new_session=True,
            )

    @property
    def has_ended(self) -> bool:
        """Whether the command has exited."""
        return self.process.poll() is not None

    def log_tail(self) -> list[str]:
        """Returns the last lines of the server's output."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return [f"    {line}" for line in lines if line.strip()][-LOG_TAIL_LINES:]

    def memory_bytes(self) -> int:
        """Returns the proportional set size of the process and its descendants."""
        return int(self.sum(lambda process: process.memory_full_info().pss))

    def cpu_seconds(self) -> float:
        """Returns the CPU time of the process and its descendants."""
        return self.sum(lambda process: sum(process.cpu_times()[:2]))

    def sum(self, figure: Callable[[Any], float]) -> float:
        """Returns the sum over the process and all its living descendants."""
        total = 0.0
        for process in self.processes():
            with suppress(psutil().NoSuchProcess):
                total += figure(process)
        return total

    def processes(self) -> list[Any]:
        """Returns the process and all its descendants; none if it has ended."""
        if self.has_ended:
            return []
        first = psutil().Process(self.process.pid)
        return [first, *first.children(recursive=True)]

    def stop(self) -> None:
        """Asks the server to exit; kills it and its descendants if they do not."""
        if not self.has_ended:
            self.process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(STOP_SECONDS_MAX)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def psutil() -> Any:
    """Returns the library that reads /proc."""
    return import_module("psutil")
