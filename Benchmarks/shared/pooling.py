"""Computes embeddings from hidden states."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from shared.batches import FloatArray, IntArray


def pools_by_mean(model: Path) -> bool:
    """Whether the folder, one of sentence-transformers, selects mean pooling."""
    path = model / "1_Pooling/config.json"
    if not path.exists():
        return False
    return bool(json.loads(path.read_text(encoding="utf-8")).get("pooling_mode_mean_tokens"))


def pooled(hidden: FloatArray, mask: IntArray, by_mean: bool) -> FloatArray:
    """Returns a vector for each row: the mean of its tokens, or the vector of [CLS]."""
    if not by_mean:
        return hidden[:, 0].copy()
    weights = mask[:, :, None].astype(np.float32)
    # Padding may contain any value, even NaN.
    kept = np.where(weights > 0, hidden[:, : mask.shape[1]], np.float32(0))
    return np.asarray(kept.sum(1) / weights.sum(1), np.float32)


def normalized(vectors: FloatArray) -> FloatArray:
    """Returns rows scaled to length one."""
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)
