"""What the processes of all contestants have in common: their cores, and their environment."""

from __future__ import annotations

import os
from collections.abc import Sequence, Set

SLOWING_VARIABLES = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
"""Where these are set OpenBLAS may not run the kernels of this CPU."""


class AbsentError(Exception):
    """A contestant cannot run here; the message says why."""


def environment(threads: int) -> dict[str, str]:
    """Of a process that computes with so many threads, and loads no model but from disk."""
    kept = {key: value for key, value in os.environ.items() if key not in SLOWING_VARIABLES}
    numbers = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    quiet = {
        "DO_NOT_TRACK": "1",
        "HF_HUB_OFFLINE": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "TRANSFORMERS_VERBOSITY": "error",
    }
    return {**kept, **dict.fromkeys(numbers, str(threads)), **quiet}


def usable_cores() -> list[int]:
    """The cores that this process may use, in order."""
    return sorted(os.sched_getaffinity(0))


def pinned(command: Sequence[str], cores: Set[int]) -> list[str]:
    """The command, kept on these cores.

    By a program, not by code between fork and exec: other threads may hold locks there.
    """
    return ["taskset", "--cpu-list", ",".join(str(core) for core in sorted(cores)), *command]
