"""The cores and the environment of all contestants' processes."""

from __future__ import annotations

import os
from collections.abc import Sequence, Set

SLOWING_VARIABLES = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
"""If these are set, OpenBLAS may not use the kernels for this CPU."""


class AbsentError(Exception):
    """A contestant cannot run here; the message says why."""


def environment(threads: int) -> dict[str, str]:
    """Returns the environment of a process with this many threads and models only from disk."""
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
    """Returns the cores that this process may use, in order."""
    return sorted(os.sched_getaffinity(0))


def pinned(command: Sequence[str], cores: Set[int]) -> list[str]:
    """Returns the command, pinned to these cores.

    It uses a program rather than code between fork and exec, where other threads may hold locks.
    """
    return ["taskset", "--cpu-list", ",".join(str(core) for core in sorted(cores)), *command]
