"""A server, in a process of its own on a core of its own."""

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
    """A command that serves until it is stopped; what it writes goes to a log."""

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
            # A group of its own: Ctrl-C reaches the benchmark alone, which then stops its servers,
            # and what a server started ends with it.
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
        """Whether the command has returned."""
        return self.process.poll() is not None

    def log_tail(self) -> list[str]:
        """The last lines that the server wrote."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return [f"    {line}" for line in lines if line.strip()][-LOG_TAIL_LINES:]

    def memory_bytes(self) -> int:
        """Proportional set size of the process and of those that it started."""
        return int(self.sum(lambda process: process.memory_full_info().pss))

    def cpu_seconds(self) -> float:
        """Processor time of the process and of those that it started."""
        return self.sum(lambda process: sum(process.cpu_times()[:2]))

    def sum(self, figure: Callable[[Any], float]) -> float:
        """Of the process and of all that descend from it, as far as they live."""
        total = 0.0
        for process in self.processes():
            with suppress(psutil().NoSuchProcess):
                total += figure(process)
        return total

    def processes(self) -> list[Any]:
        """The process and all that descend from it; none when it has ended."""
        if self.has_ended:
            return []
        first = psutil().Process(self.process.pid)
        return [first, *first.children(recursive=True)]

    def stop(self) -> None:
        """Asks the server to leave, and ends it and what it started where that stays."""
        if not self.has_ended:
            self.process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(STOP_SECONDS_MAX)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def psutil() -> Any:
    """The library that reads /proc."""
    return import_module("psutil")
