"""Calls per second of scimult with a tiny model, and of a Python server that encodes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from contestant import Contestant
from engine import engine_s
from grpcio_contestants import ConstantContestant
from h2load import run
from scimult_contestant import ScimultContestant
from setting import Setting
from shared.papers import random_texts, token_ids
from shared.progress_lines import say
from shared.sequences import Workload
from shared.vocabulary import Vocabulary
from traffic import Text

TOKENS = 12
CLIENTS = 8
CONCURRENCY = 64
TRIAL_CALLS = 640


@dataclass(frozen=True)
class Turn:
    """Calls per second of the servers, and texts per second of the engine, measured in sequence."""

    scimult: float
    cached: float
    """scimult with a cache that contains the text."""
    engine: float
    constant: float


@dataclass(frozen=True)
class Constants:
    """All turns."""

    turns: list[Turn]

    @property
    def ratio(self) -> float:
        """scimult's calls per second relative to the Python server's."""
        return median(turn.scimult / turn.constant for turn in self.turns)

    @property
    def cached_ratio(self) -> float:
        """The same if scimult, too, does not compute anything."""
        return median(turn.cached / turn.constant for turn in self.turns)

    @property
    def engine_ratio(self) -> float:
        """The same for the engine alone, which is an upper bound for a server."""
        return median(turn.engine / turn.constant for turn in self.turns)

    def as_json(self) -> dict[str, Any]:
        """Returns medians, and all turns."""
        return {
            "ratio": self.ratio,
            "cached_ratio": self.cached_ratio,
            "engine_ratio": self.engine_ratio,
            "turns": [asdict(turn) for turn in self.turns],
        }


class ConstantsMeasurement:
    """Measures both servers with the same requests."""

    def __init__(self, setting: Setting, tiny: Path, turns: int, seconds: float) -> None:
        (document,) = random_texts(Vocabulary.read(tiny), 1, TOKENS, TOKENS + 1)
        (ids,) = token_ids(setting.scimult, tiny, [document])
        assert len(ids) == TOKENS
        self.text = Text(document["text"], ids)
        self.setting = setting
        self.tiny = tiny
        self.turns = turns
        self.seconds = seconds

    def measure(self) -> Constants:
        """Measures calls with one text, in turns."""
        with ExitStack() as stack:
            scimult = ScimultContestant(self.setting, self.tiny)
            cached = ScimultContestant(self.setting, self.tiny, has_cache=True)
            for contestant in (scimult, cached):
                stack.callback(contestant.stop)
                _, vectors = contestant.start([self.text])
            constant = ConstantContestant(self.setting, vectors.shape[1])
            stack.callback(constant.stop)
            constant.start([self.text])
            callers = [self.caller(each) for each in (scimult, cached)]
            return Constants(list(self.take_turns(*callers, self.engine, self.caller(constant))))

    def take_turns(self, *measures: Callable[[], float]) -> Iterator[Turn]:
        """Runs the measurements one after the other, several times."""
        for number in range(self.turns):
            turn = Turn(*(measure() for measure in measures))
            say(
                f"constants, turn {number + 1}: {turn.scimult:,.0f} calls/s, {turn.cached:,.0f} "
                f"from the cache, engine {turn.engine:,.0f}, beside {turn.constant:,.0f}"
            )
            yield turn

    def engine(self) -> float:
        """Returns texts per second of the engine alone, with one batch for all concurrent calls."""
        workload = Workload("constants", [self.text.ids] * CONCURRENCY)
        return CONCURRENCY / engine_s(self.setting, self.tiny, workload, self.seconds)

    def caller(self, contestant: Contestant) -> Callable[[], float]:
        """Returns a function that calls a server for some seconds and returns calls per second."""
        request, _ = contestant.request([self.text])
        clients = [request] * CLIENTS
        trial = run(contestant.target, clients, CONCURRENCY, TRIAL_CALLS)
        count = round(trial.requests / trial.seconds * self.seconds)

        def call() -> float:
            load = run(contestant.target, clients, CONCURRENCY, count)
            return load.requests / load.seconds

        return call
