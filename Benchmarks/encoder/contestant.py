"""The engines as the benchmark sees them: each in a process of its own, on the same cores."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from measurement import Measurement
from workloads import Workload

SLOWING_VARIABLES = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
"""Where these are set OpenBLAS may not run the kernels of this CPU."""


class AbsentError(Exception):
    """An engine cannot run here; the message says why."""


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

    @property
    def environment(self) -> dict[str, str]:
        """Of every engine's process."""
        kept = {key: value for key, value in os.environ.items() if key not in SLOWING_VARIABLES}
        threads = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
        quiet = {
            "HF_HUB_OFFLINE": "1",
            "TOKENIZERS_PARALLELISM": "false",
            "TRANSFORMERS_VERBOSITY": "error",
        }
        return {**kept, **dict.fromkeys(threads, str(self.threads)), **quiet}

    def pin(self) -> None:
        """Keeps the calling process on the cores."""
        os.sched_setaffinity(0, self.cores)


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


def lowest_cores(count: int) -> frozenset[int]:
    """The first of the cores that this process may use."""
    return frozenset(sorted(os.sched_getaffinity(0))[:count])
