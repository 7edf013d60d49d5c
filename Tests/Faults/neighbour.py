"""Latency of a correct client during an attack, relative to its latency alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from harness.innocent import InnocentClient
from harness.server import ServerProcess

ROUNDS = 3
PHASE_SECONDS = 2
#: At most doubled.
RATIO_MAX = 2.0

Trouble = Callable[[], AbstractContextManager[object]]


@dataclass(frozen=True)
class Beside:
    """The best p99 of the rounds alone, and of those with the attack."""

    alone_ms: float
    beside_ms: float

    @property
    def ratio(self) -> float:
        return self.beside_ms / self.alone_ms


def beside(server: ServerProcess, trouble: Trouble) -> Beside:
    """Measures the p99 alone and with the attack, in turns; each answer must be right."""
    alone, beside = [], []
    with InnocentClient(server) as client:
        for _ in range(ROUNDS):
            alone.append(_p99_ms(client))
            with trouble():
                beside.append(_p99_ms(client))
    return Beside(min(alone), min(beside))


def _p99_ms(client: InnocentClient) -> float:
    """Returns the p99 of one phase's calls."""
    begin = len(client.seconds)
    time.sleep(PHASE_SECONDS)
    seconds = sorted(client.seconds[begin:])
    assert seconds, "not one call in all of a phase"
    return seconds[int(len(seconds) * 0.99)] * 1_000
