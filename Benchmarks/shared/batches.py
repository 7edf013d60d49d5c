"""Batches of sequences, padded to rectangles as most engines need them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Batch:
    """Token ids and attention mask, both (rows, longest); `rows` are positions in the workload."""

    rows: list[int]
    ids: IntArray
    mask: IntArray

    @property
    def tokens(self) -> int:
        """Number of tokens, excluding padding."""
        return int(self.mask.sum())


def padded_batches(sequences: Sequence[Sequence[int]], size: int) -> Iterator[Batch]:
    """Yields batches of `size`, sorted by length first to reduce padding."""
    order = sorted(range(len(sequences)), key=lambda row: len(sequences[row]))
    for start in range(0, len(order), size):
        rows = order[start : start + size]
        longest = max(len(sequences[row]) for row in rows)
        ids = np.zeros((len(rows), longest), np.int64)
        mask = np.zeros((len(rows), longest), np.int64)
        for place, row in enumerate(rows):
            ids[place, : len(sequences[row])] = sequences[row]
            mask[place, : len(sequences[row])] = 1
        yield Batch(rows, ids, mask)


def pad_columns(array: IntArray, columns: int) -> IntArray:
    """Returns the rows, padded with zeros to a width."""
    return np.pad(array, ((0, 0), (0, columns - array.shape[1])))
