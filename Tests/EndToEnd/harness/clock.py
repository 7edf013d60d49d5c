"""A wall clock that a test can change, by libfaketime."""

from __future__ import annotations

from pathlib import Path

LIBRARIES = "usr/lib/*/faketime/libfaketime.so.1"

#: The start of a command. The library changes the environment of the first program that loads it.
#: If that happened before Swift's main function, Swift would find no arguments.
LAUNCHER = ["sh", "-c", 'exec "$0" "$@"']

#: Files that the library leaves behind, which are named after its process.
LEFT_BEHIND = "*faketime_s*_*"


class NoFakeClock(Exception):
    """Gives the reason why the clock cannot be changed here."""


class WallClock:
    """The time of day for a server that is started with it."""

    def __init__(self, folder: Path) -> None:
        library = next(Path("/").glob(LIBRARIES), None)
        if library is None:
            raise NoFakeClock("libfaketime is not installed")
        self._file = folder / "offset"
        self.turn(0)
        environment = {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            # As on a machine whose clock is set: the monotonic clock is not affected.
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        #: Arguments to start the server.
        self.start = {"environment": environment, "launcher": LAUNCHER}

    def turn(self, seconds: float) -> None:
        """Sets the clock to an offset from the true time."""
        written = self._file.with_suffix(".part")
        written.write_text(f"{seconds:+.3f}\n")
        written.rename(self._file)


def remove_left_behind() -> None:
    """Removes shared memory of processes that have ended."""
    for file in Path("/dev/shm").glob(LEFT_BEHIND):
        if not Path("/proc", file.name.rpartition("_")[2]).exists():
            file.unlink(missing_ok=True)
