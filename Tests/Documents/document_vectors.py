"""The files of vectors.json, which every reader must read in the same way."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parent / "vectors.json"

#: The commands' options, by their names in the file.
_OPTIONS = {"format": "--input-format", "delimiter": "--csv-delimiter", "quotes": "--csv-quotes"}


@dataclass(frozen=True)
class Vector:
    """A file and its expected documents."""

    name: str
    file: str
    content: bytes
    #: The options for reading it, if its name and content should not determine them.
    options: dict[str, str]
    rows: list[dict[str, Any]] | None
    error: dict[str, Any] | None
    skipped: list[int] | None

    def __str__(self) -> str:
        return self.name

    @property
    def words(self) -> list[str]:
        """Returns the command-line options for the file."""
        words = [word for name, value in self.options.items() for word in (_OPTIONS[name], value)]
        return words if self.skipped is None else [*words, "--skip-bad-lines"]

    def write(self, folder: Path) -> Path:
        """Writes the file into a folder."""
        path = folder / self.file
        path.write_bytes(self.content)
        return path


def vectors() -> list[Vector]:
    """Returns all vectors."""
    return [_vector(**each) for each in json.loads(FILE.read_text(encoding="utf-8"))["vectors"]]


def _vector(name: str, file: str, **parts: Any) -> Vector:
    content = parts["bytes"].encode() if "bytes" in parts else base64.b64decode(parts["base64"])
    return Vector(
        name,
        file,
        content,
        options=parts.get("options", {}),
        rows=parts.get("rows"),
        error=parts.get("error"),
        skipped=parts.get("skipped"),
    )
