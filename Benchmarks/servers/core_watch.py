"""Measures how much of the servers' core other programs use."""

from __future__ import annotations

import time
from types import TracebackType

from server_process import ServerProcess, psutil


class CoreWatch:
    """Watches a core within a with statement."""

    def __init__(self, core: int, server: ServerProcess) -> None:
        self.core = core
        self.server = server
        self.others_share = 0.0
        """The share of the core's time that was neither the server's nor idle."""

    def __enter__(self) -> CoreWatch:
        self.before = self.seconds()
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if exception is not None:
            return
        wall, busy, own = (
            after - before for before, after in zip(self.before, self.seconds(), strict=True)
        )
        self.others_share = max(0.0, (busy - own) / wall)

    def seconds(self) -> tuple[float, float, float]:
        """Returns the wall time, the core's busy time, and the server's CPU time."""
        times = psutil().cpu_times(percpu=True)[self.core]
        # The time of virtual guests is already included in the user time.
        idle = times.idle + times.iowait + times.guest + times.guest_nice
        return time.monotonic(), sum(times) - idle, self.server.cpu_seconds()
