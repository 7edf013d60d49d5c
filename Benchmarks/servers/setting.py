"""What all contestants have in common."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from shared.processes import environment

ENGINE_THREADS = 1


@dataclass(frozen=True)
class Setting:
    """The model, what was made of it, and who runs on which core."""

    scimult: Path
    model: Path
    cache: Path
    """Exports of the model, and the servers' logs."""
    calibration: Path
    """Token ids that the export of OpenVINO was calibrated on."""
    scratch: Path
    """A folder that is deleted at the end."""
    server_core: int
    load_core: int

    @property
    def environment(self) -> dict[str, str]:
        """Of every server."""
        return environment(ENGINE_THREADS)
