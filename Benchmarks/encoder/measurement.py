"""Durations of passes over a workload."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass

PASSES_MAX = 100_000


@dataclass(frozen=True)
class Measurement:
    """Seconds for a pass over all sequences."""

    passes: int
    median_s: float
    p10_s: float
    p90_s: float
    cpu_share: float
    """CPU seconds per second of the engine's process: below 1 if other processes used its core."""

    @classmethod
    def of(cls, times: Iterable[float], cpu_share: float) -> Measurement:
        """Summarises times in any order."""
        ordered = sorted(times)
        count = len(ordered)
        median = statistics.median(ordered)
        return cls(count, median, ordered[count // 10], ordered[count * 9 // 10], cpu_share)

    @classmethod
    def of_rounds(cls, rounds: list[Measurement]) -> Measurement:
        """Returns the median round, with the smallest p10 and the largest p90 of all rounds."""
        return cls(
            sum(each.passes for each in rounds),
            statistics.median(each.median_s for each in rounds),
            min(each.p10_s for each in rounds),
            max(each.p90_s for each in rounds),
            statistics.median(each.cpu_share for each in rounds),
        )

    def as_json(self) -> dict[str, float]:
        """Returns the fields as JSON; the keys are their names."""
        return asdict(self)


def seconds(action: Callable[[], object]) -> float:
    """Returns how long an action takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def repeated(action: Callable[[], object], duration: float, least: int = 1) -> list[float]:
    """Returns the times of an action that is repeated for a duration."""
    times: list[float] = []
    end = time.perf_counter() + duration
    while len(times) < least or (time.perf_counter() < end and len(times) < PASSES_MAX):
        times.append(seconds(action))
    return times
