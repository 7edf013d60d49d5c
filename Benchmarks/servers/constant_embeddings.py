"""Calls a second: scimult with a tiny model beside Python that encodes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from contestant import Contestant
from grpcio_contestants import ConstantContestant
from h2load import run
from scimult_contestant import ScimultContestant
from setting import Setting
from shared.papers import random_texts, token_ids
from shared.progress_lines import say
from shared.vocabulary import Vocabulary
from traffic import Text

TOKENS = 12
CLIENTS = 8
CONCURRENCY = 64
TRIAL_CALLS = 640


@dataclass(frozen=True)
class Turn:
    """Calls a second of both, one after the other."""

    scimult: float
    constant: float


@dataclass(frozen=True)
class Constants:
    """All turns."""

    turns: list[Turn]

    @property
    def ratio(self) -> float:
        """How many times as many calls scimult answers."""
        return median(turn.scimult / turn.constant for turn in self.turns)

    def as_json(self) -> dict[str, Any]:
        """Medians, and all turns."""
        return {
            "ratio": self.ratio,
            "scimult_calls_per_s": median(turn.scimult for turn in self.turns),
            "constant_calls_per_s": median(turn.constant for turn in self.turns),
            "turns": [asdict(turn) for turn in self.turns],
        }


class ConstantsMeasurement:
    """Measures both with the same requests."""

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
        """Calls of one text, in turns."""
        with ExitStack() as stack:
            scimult = ScimultContestant(self.setting, self.tiny)
            stack.callback(scimult.stop)
            _, vectors = scimult.start([self.text])
            constant = ConstantContestant(self.setting, vectors.shape[1])
            stack.callback(constant.stop)
            constant.start([self.text])
            return Constants(list(self.take_turns(self.caller(scimult), self.caller(constant))))

    def take_turns(
        self, scimult: Callable[[], float], constant: Callable[[], float]
    ) -> Iterator[Turn]:
        """One after the other, several times."""
        for number in range(self.turns):
            turn = Turn(scimult(), constant())
            say(
                f"constants, turn {number + 1}: {turn.scimult:,.0f} calls/s beside "
                f"{turn.constant:,.0f}"
            )
            yield turn

    def caller(self, contestant: Contestant) -> Callable[[], float]:
        """Calls a server for some seconds each time, and gives the calls a second."""
        request, _ = contestant.request([self.text])
        clients = [request] * CLIENTS
        trial = run(contestant.target, clients, CONCURRENCY, TRIAL_CALLS)
        count = round(trial.requests / trial.seconds * self.seconds)

        def call() -> float:
            load = run(contestant.target, clients, CONCURRENCY, count)
            return load.requests / load.seconds

        return call
