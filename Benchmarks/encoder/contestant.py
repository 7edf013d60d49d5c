"""The engines as the benchmark sees them: each in a process of its own, on the same cores."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from instruction_sets import InstructionSet
from measurement import Measurement
from shared.processes import environment, pinned
from shared.sequences import Workload


@dataclass(frozen=True)
class Setting:
    """What all engines have in common."""

    scimult: Path
    model: Path
    cache: Path
    sequences: Path
    calibration: Path
    threads: int
    cores: frozenset[int]
    instruction_set: InstructionSet

    @property
    def environment(self) -> dict[str, str]:
        """Of every engine's process."""
        return {**environment(self.threads), **self.instruction_set.environment}

    def pinned(self, command: Sequence[str]) -> list[str]:
        """The command, kept on the cores."""
        return pinned(command, self.cores)


@dataclass(frozen=True)
class Texts:
    """The same documents as JSON lines and as a file of token ids."""

    lines: str
    sequences: Path


class Contestant(ABC):
    """An engine in one precision. Every method raises AbsentError where the engine cannot."""

    product: str
    precision: str

    @property
    def name(self) -> str:
        """Product and precision."""
        return f"{self.product}-{self.precision}"

    @abstractmethod
    def start(self) -> None:
        """Loads the model."""

    @abstractmethod
    def prepare(self, workload: Workload) -> dict[str, Any]:
        """Finds the form in which the workload is run, and warms it."""

    @abstractmethod
    def measure(self, duration: float) -> Measurement:
        """Times passes over the workload last prepared."""

    @abstractmethod
    def embed(self, texts: Texts, output: Path) -> None:
        """Writes a vector for each document to a .npy file."""

    @abstractmethod
    def release(self) -> None:
        """Gives memory back between workloads."""

    @abstractmethod
    def close(self) -> None:
        """Ends the process."""
