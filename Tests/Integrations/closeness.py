"""Compares embeddings."""

from __future__ import annotations

from typing import Any

import numpy as np


def assert_close(embeddings: Any, expected: Any) -> None:
    """In fp32 they differ by rounding errors, because batches contain other texts."""
    np.testing.assert_allclose(np.asarray(embeddings), expected, rtol=0, atol=1e-5)
