"""How much of the servers' core other programs take."""

from __future__ import annotations

import time
from types import TracebackType

from server_process import ServerProcess, psutil


class CoreWatch:
    """Watches a core in a with statement."""

    def __init__(self, core: int, server: ServerProcess) -> None:
        self.core = core
        self.server = server
        self.others_share = 0.0
        """Of the core's time, what neither the server took nor anybody."""

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
        """On the clock, of the core's work, and of the server's."""
        times = psutil().cpu_times(percpu=True)[self.core]
        # Time of guests is counted as the user's already.
        idle = times.idle + times.iowait + times.guest + times.guest_nice
        return time.monotonic(), sum(times) - idle, self.server.cpu_seconds()
