"""The benchmark's interface to an engine, which runs in a separate process on given cores."""

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
    """The common settings of all engines."""

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
        """The environment of every engine's process."""
        return {**environment(self.threads), **self.instruction_set.environment}

    def pinned(self, command: Sequence[str]) -> list[str]:
        """Returns the command, pinned to the cores."""
        return pinned(command, self.cores)


@dataclass(frozen=True)
class Texts:
    """The same documents as JSON Lines and as a file of token ids."""

    lines: str
    sequences: Path


class Contestant(ABC):
    """An engine in one precision. Every method raises AbsentError if the engine cannot do it."""

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
        """Finds the best form for the workload, and warms it up."""

    @abstractmethod
    def measure(self, duration: float) -> Measurement:
        """Measures passes over the workload of the last `prepare`."""

    @abstractmethod
    def embed(self, texts: Texts, output: Path) -> None:
        """Writes a vector for each document to a .npy file."""

    @abstractmethod
    def release(self) -> None:
        """Frees memory between workloads."""

    @abstractmethod
    def close(self) -> None:
        """Ends the process."""
