"""The files of Tests/Documents, which every reader of documents reads alike."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parents[3] / "Tests/Documents/vectors.json"


@dataclass(frozen=True)
class Vector:
    """A file and what is in it."""

    name: str
    file: str
    content: bytes
    options: dict[str, str]
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
    return [
        Vector(
            each["name"],
            each["file"],
            base64.b64decode(each["base64"]) if "base64" in each else each["bytes"].encode(),
            each.get("options", {}),
            each.get("rows"),
            each.get("error"),
            each.get("skipped"),
        )
        for each in json.loads(FILE.read_text(encoding="utf-8"))["vectors"]
    ]
