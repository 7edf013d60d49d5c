"""The files of Tests/Documents, of which every reader makes the same documents."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parents[2] / "Documents/vectors.json"

#: Options of the commands, by their names in the files.
_OPTIONS = {"format": "--input-format", "delimiter": "--csv-delimiter", "quotes": "--csv-quotes"}


@dataclass(frozen=True)
class Vector:
    """A file and what is in it."""

    name: str
    file: str
    content: bytes
    #: What a command needs to read it so.
    words: list[str]
    rows: list[dict[str, Any]] | None
    error: dict[str, Any] | None
    skipped: list[int] | None

    def __str__(self) -> str:
        return self.name

    def write(self, folder: Path) -> Path:
        """The file, in a folder."""
        path = folder / self.file
        path.write_bytes(self.content)
        return path


def vectors() -> list[Vector]:
    """All of them."""
    return [_vector(**each) for each in json.loads(FILE.read_text(encoding="utf-8"))["vectors"]]


def _vector(name: str, file: str, **parts: Any) -> Vector:
    content = parts["bytes"].encode() if "bytes" in parts else base64.b64decode(parts["base64"])
    words = [w for key, value in parts.get("options", {}).items() for w in (_OPTIONS[key], value)]
    skipped = parts.get("skipped")
    if skipped is not None:
        words.append("--skip-bad-lines")
    return Vector(name, file, content, words, parts.get("rows"), parts.get("error"), skipped)
