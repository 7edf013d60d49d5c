"""Embeds token sequences with any engine."""

from __future__ import annotations

import numpy as np

from shared.batches import FloatArray, padded_batches
from shared.peers.engine import Engine
from shared.pooling import normalized, pooled
from shared.sequences import Sequences

BATCH = 8


def embedded(engine: Engine, sequences: Sequences, by_mean: bool) -> FloatArray:
    """Returns pooled vectors of length one, (n, d), using the form that accepts any shape."""
    form = engine.forms[-1]
    vectors: dict[int, FloatArray] = {}
    for batch in padded_batches(sequences, BATCH):
        rows = pooled(engine.run(batch, form), batch.mask, by_mean)
        vectors.update(zip(batch.rows, rows, strict=True))
    return normalized(np.stack([vectors[row] for row in range(len(sequences))]))
