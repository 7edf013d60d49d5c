"""Where what was exported of a model is kept, so that it is made once."""

from __future__ import annotations

import hashlib
from pathlib import Path


def export_cache(root: Path, model: Path) -> Path:
    """A folder for this model as it is now; made where it is missing."""
    weights = (model / "model.safetensors").stat()
    identity = f"{model} {weights.st_size} {weights.st_mtime_ns}"
    folder = root / hashlib.sha256(identity.encode()).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    return folder
