"""Searches for the form and the batch size in which a peer is fastest on a workload."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from measurement import seconds
from shared.batches import Batch, padded_batches
from shared.peers.engine import Engine
from shared.sequences import Workload

BATCH_SIZES = (1, 2, 4, 8, 16, 32, 64)

TRIAL_BATCHES_MIN = 4
TRIAL_SEQUENCES_MIN = 16

GIVE_UP_BELOW = 0.9
"""If a size is slower than the best of its form by this factor, larger ones are not tried."""

FINALISTS_ABOVE = 0.93
FINALISTS_MAX = 2


@dataclass(frozen=True)
class Choice:
    """The form and the batch size in which a peer runs a workload."""

    form: str
    batch: int


@dataclass(frozen=True)
class Trial:
    """The speed of a choice on a part of the workload."""

    choice: Choice
    tokens_per_s: float


def best_choice(engine: Engine, workload: Workload) -> Choice:
    """Returns the fastest choice. Choices that are close on a part are compared on the whole."""
    trials = sorted(all_trials(engine, workload), key=lambda t: t.tokens_per_s, reverse=True)
    least = trials[0].tokens_per_s * FINALISTS_ABOVE
    finalists = [trial.choice for trial in trials if trial.tokens_per_s >= least][:FINALISTS_MAX]
    if len(finalists) == 1:
        return finalists[0]

    def whole(choice: Choice) -> float:
        return tokens_per_s(engine, list(padded_batches(workload.sequences, choice.batch)), choice)

    return max(finalists, key=whole)


def all_trials(engine: Engine, workload: Workload) -> Iterator[Trial]:
    """Yields trials of each form with growing batches, until larger ones are slower."""
    lengths = [len(sequence) for sequence in workload.sequences]
    for form in engine.forms:
        if not engine.suits(form, lengths):
            continue
        best = 0.0
        for size in BATCH_SIZES:
            if size > len(lengths):
                break
            choice = Choice(form, size)
            speed = tokens_per_s(
                engine, part(list(padded_batches(workload.sequences, size))), choice
            )
            engine.release()
            yield Trial(choice, speed)
            best = max(best, speed)
            if speed < best * GIVE_UP_BELOW:
                break


def part(batches: list[Batch]) -> list[Batch]:
    """Returns some of the batches, with all lengths."""
    size = len(batches[0].rows)
    count = max(TRIAL_BATCHES_MIN, TRIAL_SEQUENCES_MIN // size)
    step = max(1, len(batches) // count)
    return batches[step // 2 :: step]


def tokens_per_s(engine: Engine, batches: list[Batch], choice: Choice) -> float:
    """Returns the speed of the better of two passes, after a warm-up pass."""
    one_pass = partial(run_all, engine, batches, choice)
    one_pass()
    return sum(batch.tokens for batch in batches) / min(seconds(one_pass), seconds(one_pass))


def run_all(engine: Engine, batches: list[Batch], choice: Choice) -> None:
    """Runs all batches once."""
    for batch in batches:
        engine.run(batch, choice.form)
