"""The benchmark's interface to a peer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.batches import Batch, FloatArray

Precision = str
"""fp32, bf16 or int8."""


@dataclass(frozen=True)
class EngineOptions:
    """The path of a peer's model, and how the peer runs."""

    model: Path
    cache: Path
    threads: int
    precision: Precision
    calibration: Sequence[Sequence[int]]


class Engine(ABC):
    """A loaded model of one product in one precision."""

    forms: tuple[str, ...] = ("dynamic",)
    """The ways in which the product can run; the fastest on a workload is used."""

    @abstractmethod
    def run(self, batch: Batch, form: str) -> FloatArray:
        """Returns hidden states, (rows, at least longest, hidden), valid until the next run."""

    def suits(self, form: str, lengths: Sequence[int]) -> bool:
        """Whether to try the form on sequences of these lengths."""
        return True

    @abstractmethod
    def release(self) -> None:
        """Frees memory that depends on the shapes used so far."""
