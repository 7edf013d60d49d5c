"""The shared libraries that a program is linked with."""

from __future__ import annotations

import re
from pathlib import Path

from programs import run


def libraries(binary: Path) -> dict[str, Path]:
    """Returns the path of each library, by name."""
    found = re.findall(r"(\S+) => (/\S+)", run("ldd", binary))
    return {name: Path(path) for name, path in found}


def swift_folder(binary: Path) -> Path | None:
    """Returns the folder of Swift's libraries, or None if they are linked statically."""
    core = libraries(binary).get("libswiftCore.so")
    return core.parent if core else None
