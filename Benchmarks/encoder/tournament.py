"""Measures engines in turns, so that a slow minute of the machine affects all of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from contestant import Contestant
from measurement import Measurement
from shared.processes import AbsentError
from shared.sequences import Workload

Say = Callable[[str], None]


@dataclass(frozen=True)
class Rounds:
    """How long an engine is measured on a workload, and in how many turns."""

    count: int
    least: int
    seconds: float

    @property
    def seconds_each(self) -> float:
        """Seconds of one turn."""
        return self.seconds / self.count


@dataclass(frozen=True)
class Result:
    """The result of an engine on a workload."""

    product: str
    precision: str
    workload: Workload
    choice: dict[str, Any]
    measurement: Measurement

    @property
    def tokens_per_s(self) -> float:
        """Tokens per second, excluding padding."""
        return self.workload.tokens / self.measurement.median_s

    def as_json(self) -> dict[str, Any]:
        """Returns all results."""
        return {
            "engine": f"{self.product}-{self.precision}",
            "product": self.product,
            "precision": self.precision,
            "workload": self.workload.name,
            "choice": self.choice,
            **self.measurement.as_json(),
            "tokens_per_s": self.tokens_per_s,
            "sequences_per_s": len(self.workload.sequences) / self.measurement.median_s,
        }


@dataclass
class Outcome:
    """All results, and the reasons for missing ones."""

    results: list[Result] = field(default_factory=list)
    absent: dict[str, str] = field(default_factory=dict)


def hold(
    groups: Sequence[Sequence[Contestant]], workloads: Sequence[Workload], rounds: Rounds, say: Say
) -> Outcome:
    """Measures the groups one after the other, and the engines of a group in turns."""
    outcome = Outcome()
    for group in groups:
        try:
            present = start_all(group, outcome, say)
            for workload in workloads:
                measure_workload(present, workload, rounds, outcome, say)
        finally:
            for contestant in group:
                contestant.close()
    return outcome


def start_all(group: Sequence[Contestant], outcome: Outcome, say: Say) -> list[Contestant]:
    """Returns the engines that can load the model."""
    present: list[Contestant] = []
    for contestant in group:
        say(f"starting {contestant.name}")
        try:
            contestant.start()
            present.append(contestant)
        except AbsentError as error:
            exclude(contestant, error, outcome, say)
    return present


def measure_workload(
    contestants: list[Contestant],
    workload: Workload,
    rounds: Rounds,
    outcome: Outcome,
    say: Say,
) -> None:
    """Measures the engines in turns; removes one that fails from `contestants`."""
    choices: dict[str, dict[str, Any]] = {}
    measured: dict[str, list[Measurement]] = {}

    def attempt(action: Callable[[Contestant], None]) -> None:
        for contestant in list(contestants):
            try:
                action(contestant)
            except AbsentError as error:
                contestants.remove(contestant)
                measured.pop(contestant.name, None)
                exclude(contestant, error, outcome, say)

    def prepare(contestant: Contestant) -> None:
        choices[contestant.name] = contestant.prepare(workload)
        measured[contestant.name] = []
        say(f"{workload.name}: {contestant.name} runs as {choices[contestant.name]}")

    def measure(contestant: Contestant) -> None:
        measured[contestant.name].append(contestant.measure(rounds.seconds_each))

    attempt(prepare)
    end = time.monotonic() + rounds.seconds * len(contestants)
    for number in range(rounds.count):
        if number >= rounds.least and time.monotonic() > end:
            break
        attempt(measure)
    attempt(lambda contestant: contestant.release())
    for contestant in contestants:
        measurement = Measurement.of_rounds(measured[contestant.name])
        result = Result(
            contestant.product,
            contestant.precision,
            workload,
            choices[contestant.name],
            measurement,
        )
        outcome.results.append(result)
        say(f"{workload.name}: {contestant.name}: {result.tokens_per_s:,.0f} tokens/s")


def exclude(contestant: Contestant, error: AbsentError, outcome: Outcome, say: Say) -> None:
    """Records why an engine has no further results."""
    outcome.absent[contestant.name] = str(error)
    say(f"{contestant.name} is absent: {error}")
