"""A cache for exports of a model, so that each is made only once."""

from __future__ import annotations

import hashlib
from pathlib import Path


def export_cache(root: Path, model: Path) -> Path:
    """Returns the folder for this model's current content; makes it if it is missing."""
    weights = (model / "model.safetensors").stat()
    identity = f"{model} {weights.st_size} {weights.st_mtime_ns}"
    folder = root / hashlib.sha256(identity.encode()).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    return folder
