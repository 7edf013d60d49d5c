"""A Debian booted by systemd in a container of systemd-nspawn, with this machine's network."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType

from programs import need, run

BOOT_SECONDS_MAX = 120
STOP_SECONDS_MAX = 90


class BootedDebian:
    """Boots a root filesystem until the with statement ends, and runs commands in it as root."""

    def __init__(self, root: Path, *options: str) -> None:
        self.root = root
        self._nspawn = need("systemd-nspawn")
        self._options = options
        self._log = root.with_suffix(".log")

    def __enter__(self) -> BootedDebian:
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [
                    self._nspawn,
                    "--quiet",
                    "--boot",
                    "--directory",
                    str(self.root),
                    # Does not register the container with this machine's service manager.
                    "--register=no",
                    "--keep-unit",
                    "--console=pipe",
                    *self._options,
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            self._leader = self._wait_for_leader()
            self._wait_for_boot()
        except BaseException:
            self._process.kill()
            self._process.wait()
            raise
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def run(self, *command: str, codes: tuple[int, ...] = (0,)) -> str:
        """Runs a command in the container and returns its output."""
        namespaces = ("--mount", "--uts", "--ipc", "--pid")
        inside = ("env", "--ignore-environment", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C")
        noninteractive = "DEBIAN_FRONTEND=noninteractive"
        enter = ("nsenter", "--target", str(self._leader), *namespaces, *inside, noninteractive)
        return run(*enter, *command, codes=codes)

    def properties(self, unit: str, *names: str) -> dict[str, str]:
        """Returns properties of a unit from systemd."""
        shown = self.run("systemctl", "show", unit, f"--property={','.join(names)}")
        return dict(line.split("=", 1) for line in shown.splitlines())

    def _wait_for_leader(self) -> int:
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        end = time.monotonic() + BOOT_SECONDS_MAX
        while time.monotonic() < end and self._process.poll() is None:
            for child in map(int, children.read_text().split()):
                if Path(f"/proc/{child}/comm").read_text().strip() == "systemd":
                    return child
            time.sleep(0.05)
        raise AssertionError(f"no systemd in the container: {self._log.read_text()}")

    def _wait_for_boot(self) -> None:
        end = time.monotonic() + BOOT_SECONDS_MAX
        state = ""
        while time.monotonic() < end and self._process.poll() is None:
            state = self.run("systemctl", "is-system-running", codes=(0, 1, 2, 3, 4)).strip()
            # The container may lack something on this machine's kernel that a Debian unit needs.
            if state in ("running", "degraded"):
                return
            time.sleep(0.2)
        raise AssertionError(f"the container is {state}: {self._log.read_text()}")
