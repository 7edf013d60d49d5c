"""What a client that does nothing wrong waits for beside trouble, against what it waits alone."""

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
    """The best p99 of the rounds alone, and of those beside trouble."""

    alone_ms: float
    beside_ms: float

    @property
    def ratio(self) -> float:
        return self.beside_ms / self.alone_ms


def beside(server: ServerProcess, trouble: Trouble) -> Beside:
    """The innocent client's p99 alone and beside trouble, in turns; each answer must be right."""
    alone, beside = [], []
    with InnocentClient(server) as client:
        for _ in range(ROUNDS):
            alone.append(_p99_ms(client))
            with trouble():
                beside.append(_p99_ms(client))
    return Beside(min(alone), min(beside))


def _p99_ms(client: InnocentClient) -> float:
    """Of the calls of one phase."""
    begin = len(client.seconds)
    time.sleep(PHASE_SECONDS)
    seconds = sorted(client.seconds[begin:])
    assert seconds, "not one call in all of a phase"
    return seconds[int(len(seconds) * 0.99)] * 1_000
