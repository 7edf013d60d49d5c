"""A clock on the wall that a test can turn, by libfaketime."""

from __future__ import annotations

from pathlib import Path

LIBRARIES = "usr/lib/*/faketime/libfaketime.so.1"

#: A command's beginning. The library changes the environment of the first program it is loaded
#: into, and Swift finds no arguments where that happened before its main.
LAUNCHER = ["sh", "-c", 'exec "$0" "$@"']

#: What the library leaves behind, named after its process.
LEFT_BEHIND = "*faketime_s*_*"


class NoFakeClock(Exception):
    """Says why the clock cannot be turned here."""


class WallClock:
    """What a server that is started with it takes for the time of day."""

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
            # As on a machine whose clock is set: what counts seconds goes on as before.
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        #: How to start it.
        self.start = {"environment": environment, "launcher": LAUNCHER}

    def turn(self, seconds: float) -> None:
        """Sets the clock so far from the true time."""
        written = self._file.with_suffix(".part")
        written.write_text(f"{seconds:+.3f}\n")
        written.rename(self._file)


def remove_left_behind() -> None:
    """Removes what the library shared among processes that are gone."""
    for file in Path("/dev/shm").glob(LEFT_BEHIND):
        if not Path("/proc", file.name.rpartition("_")[2]).exists():
            file.unlink(missing_ok=True)
