"""A malicious model."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Spoil = Callable[[Path], object]


@dataclass(frozen=True)
class Case:
    """A valid model, and the change that makes it malicious."""

    name: str
    base: str
    spoil: Spoil

    def make(self, variants: Path, folder: Path) -> Path:
        """Writes the model into a separate folder."""
        model = folder / self.name
        files = shutil.ignore_patterns("expected.jsonl")
        shutil.copytree(variants / self.base, model, ignore=files)
        self.spoil(model)
        return model
