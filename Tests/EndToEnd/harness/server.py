"""A real `scimult serve` process: start, calls, and stop."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from time import monotonic, sleep
from typing import IO

import grpc

START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 30
LOG_SECONDS_MAX = 10

READY_LINE = re.compile(r"ready grpc=(?P<grpc>\S+)(?: admin=(?P<admin>\S+))?\n")

CHANNEL_OPTIONS = [
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
    ("grpc.enable_http_proxy", 0),
    ("grpc.enable_retries", 0),
    # Each channel has a separate connection.
    ("grpc.use_local_subchannel_pool", 1),
]


class ServerProcess:
    """A server process that has printed its ready line."""

    def __init__(
        self,
        scimult: Path,
        arguments: Sequence[str],
        environment: Mapping[str, str] | None = None,
        launcher: Sequence[str] = (),
        log: int | None = None,
    ) -> None:
        """Starts a server.

        Its log goes to the descriptor ``log`` or to a file, which ``stderr`` reads.
        """
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        self.process = subprocess.Popen(
            [*launcher, scimult, "serve", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._errors if log is None else log,
            text=True,
            env={**os.environ, **(environment or {})},
        )
        self._lines: Queue[str] = Queue()
        Thread(target=self._collect, args=(self.process.stdout,), daemon=True).start()
        self.ready_line = self._wait_for_line()
        ready = READY_LINE.fullmatch(self.ready_line)
        if ready is None:
            self.kill()
            raise AssertionError(f"no ready line: {self.ready_line!r}; stderr: {self.stderr}")
        #: The gRPC address in the ready line.
        self.grpc: str = ready["grpc"]
        #: The admin address in the ready line; None if it is off.
        self.admin: str | None = ready["admin"]
        if log is None and "--log-level" not in arguments:
            self.wait_for_log("serving")

    @property
    def host(self) -> str:
        return self.grpc.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        return int(self.grpc.rpartition(":")[2])

    @property
    def stderr(self) -> str:
        """Returns all that the server has written to stderr so far."""
        size = os.fstat(self._errors.fileno()).st_size
        return os.pread(self._errors.fileno(), size, 0).decode()

    def wait_for_log(self, words: str) -> None:
        """Waits until the log contains these words: the log is written asynchronously."""
        deadline = monotonic() + LOG_SECONDS_MAX
        while words not in self.stderr:
            assert monotonic() < deadline, f"the log does not say {words!r}: {self.stderr}"
            sleep(0.002)

    @property
    def further_stdout(self) -> list[str]:
        """Returns lines on stdout after the ready line."""
        return list(self._lines.queue)

    def channel(self, *, retries: bool = False) -> grpc.Channel:
        """Returns a separate connection; for a with statement.

        With retries, gRPC's default, the client repeats requests that were certainly not sent.
        """
        options = [
            option for option in CHANNEL_OPTIONS if not retries or "retries" not in option[0]
        ]
        return grpc.insecure_channel(self.grpc, options)

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def insist(self, number: signal.Signals) -> int:
        """Sends a signal repeatedly until the process ends, and returns its exit code.

        Signals shortly after the first count as the same one.
        """
        deadline = monotonic() + STOP_SECONDS_MAX
        while self.process.poll() is None and monotonic() < deadline:
            self.signal(number)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(0.1)
        return self.wait()

    def wait(self) -> int:
        """Waits for the end of the process and returns its exit code."""
        try:
            return self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the server did not stop; stderr: {self.stderr}") from None

    def stop(self) -> None:
        """Stops the server by SIGTERM if it still runs, and asserts that it exited cleanly."""
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        code = self.wait()
        assert code == 0, f"exit code {code}; stderr: {self.stderr}"

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def memory_bytes(self) -> int:
        """Returns the current resident memory."""
        return self._status_bytes("VmRSS")

    def memory_peak_bytes(self) -> int:
        """Returns the peak resident memory since the start, or since ``reset_memory_peak``."""
        return self._status_bytes("VmHWM")

    def reset_memory_peak(self) -> None:
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def _status_bytes(self, key: str) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith(f"{key}:"))
        return int(line.split()[1]) * 1024

    def _collect(self, stdout: IO[str]) -> None:
        for line in stdout:
            self._lines.put(line)
        self._lines.put("")

    def _wait_for_line(self) -> str:
        try:
            return self._lines.get(timeout=START_SECONDS_MAX)
        except Empty:
            self.kill()
            raise AssertionError(f"no line on stdout; stderr: {self.stderr}") from None
