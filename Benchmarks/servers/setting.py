"""The common settings of all contestants."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from shared.processes import environment

ENGINE_THREADS = 1


@dataclass(frozen=True)
class Setting:
    """The model, its exports, and the core of each process."""

    scimult: Path
    model: Path
    cache: Path
    """The folder of the model's exports and of the servers' logs."""
    calibration: Path
    """Token ids with which OpenVINO's export was calibrated."""
    scratch: Path
    """A folder that is deleted at the end."""
    server_core: int
    load_core: int

    @property
    def environment(self) -> dict[str, str]:
        """The environment of every server."""
        return environment(ENGINE_THREADS)
