"""A proxy as a process, with its log."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from programs import Program

WAIT_SECONDS_MAX = 60


class ProxyProcess:
    """The port is open once an instance exists; its creator stops it."""

    def __init__(self, program: Program, arguments: Sequence[str], port: int, folder: Path) -> None:
        self.port = port
        self._log = folder / f"{program.path.name}.log"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [program.path, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={"PATH": "/usr/bin:/bin", **program.environment},
            )
        try:
            self.wait_until(self._listens, "the port to be open")
        except BaseException:
            self.stop()
            raise

    @property
    def address(self) -> str:
        """The address for clients."""
        return f"127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """Returns all that the proxy has written so far."""
        return self._log.read_text(errors="replace")

    def stop(self) -> None:
        """Ends the process without waiting for calls."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(WAIT_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def wait_until(self, holds: Callable[[], bool], what: str) -> None:
        """Waits until a condition holds, while the proxy runs."""
        end = time.monotonic() + WAIT_SECONDS_MAX
        while True:
            # Checked first, because the log of a proxy that has ended says more than a failed
            # request to it.
            assert self.process.poll() is None, f"the proxy has ended: {self.log[-4_000:]}"
            if holds():
                return
            assert time.monotonic() < end, f"waited in vain for {what}; {self.log[-4_000:]}"
            time.sleep(0.05)

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True
