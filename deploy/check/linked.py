"""The shared libraries that a program is linked with."""

from __future__ import annotations

import re
from pathlib import Path

from programs import run


def libraries(binary: Path) -> dict[str, Path]:
    """Where each is, by name."""
    found = re.findall(r"(\S+) => (/\S+)", run("ldd", binary))
    return {name: Path(path) for name, path in found}


def swift_folder(binary: Path) -> Path | None:
    """Where Swift's own are; None where they are part of the program."""
    core = libraries(binary).get("libswiftCore.so")
    return core.parent if core else None
