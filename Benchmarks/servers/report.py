"""The results as tables and as JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
from constant_embeddings import Constants
from contestants import OURS
from engine_share import EngineShare
from goals import goals
from outcome import Outcome, Result
from shared.markdown_table import aligned

QUIET_SHARE = 0.1
"""If other programs use more of a server's core, they disturbed the result."""

Load = tuple[str, int]
"""A kind of traffic, and the number of concurrent requests."""


@dataclass(frozen=True)
class Ratio:
    """scimult relative to the best of the others in one respect; above 1, scimult is better."""

    figure: str
    best_other: str
    value: float


@dataclass(frozen=True)
class Report:
    """All results of a run."""

    name: str
    outcome: Outcome
    share: EngineShare | None
    constants: Constants | None

    @property
    def present(self) -> list[str]:
        """Contestants with results, in the order of measurement."""
        return list(self.outcome.standings)

    @property
    def loads(self) -> list[Load]:
        """Loads in the order of measurement."""
        return list(dict.fromkeys((r.traffic, r.concurrency) for r in self.outcome.results))

    def result(self, contestant: str, load: Load) -> Result | None:
        """Returns a contestant's result under a load."""
        for each in self.outcome.results:
            if (each.contestant, (each.traffic, each.concurrency)) == (contestant, load):
                return each
        return None

    def others(self, load: Load) -> list[Result]:
        """Returns the other contestants' results under a load."""
        found = [self.result(name, load) for name in self.present if name != OURS]
        return [each for each in found if each is not None]

    def speed_ratio(self, load: Load) -> Ratio | None:
        """Returns the ratio of texts per second: the median over the rounds' ratios."""
        ours, others = self.result(OURS, load), self.others(load)
        if ours is None or not others:
            return None
        best = max(others, key=lambda each: each.median("texts_per_s"))
        pairs = zip(ours.turns, best.turns, strict=True)
        value = median(our.texts_per_s / other.texts_per_s for our, other in pairs)
        return Ratio(f"{load_name(load)} texts/s", best.contestant, value)

    def latency_ratio(self, load: Load, figure: str) -> Ratio | None:
        """Returns the ratio of a duration, in the same way."""
        ours, others = self.result(OURS, load), self.others(load)
        if ours is None or not others:
            return None
        best = min(others, key=lambda each: each.median(figure))
        pairs = zip(ours.turns, best.turns, strict=True)
        value = median(getattr(other, figure) / getattr(our, figure) for our, other in pairs)
        return Ratio(f"{load_name(load)} {figure.removesuffix('_s')}", best.contestant, value)

    def standing_ratio(self, figure: str) -> Ratio | None:
        """Returns the ratio of memory or of the time to start."""
        standings = self.outcome.standings
        others = [name for name in self.present if name != OURS]
        if OURS not in standings or not others:
            return None
        best = min(others, key=lambda name: float(getattr(standings[name], figure)))
        value = getattr(standings[best], figure) / getattr(standings[OURS], figure)
        return Ratio(figure, best, value)

    def ratios(self) -> list[Ratio]:
        """Returns all ratios that exist."""
        found = [self.speed_ratio(load) for load in self.loads]
        for figure in ("p50_s", "p99_s"):
            found += [self.latency_ratio(load, figure) for load in self.loads]
        found += [self.standing_ratio(figure) for figure in ("memory_bytes", "start_s")]
        return [ratio for ratio in found if ratio is not None]

    def text(self) -> str:
        """Returns all tables, in Markdown."""
        tables = [self.speed_table(), self.latency_table(), self.standing_table()]
        goal_table = self.goal_table()
        parts = [*tables, *([goal_table] if goal_table else []), "\n".join(self.notes())]
        return "\n\n".join(part for part in parts if part)

    def speed_table(self) -> str:
        """Texts and tokens per second."""
        heading = [f"{self.name}: texts/s (tokens/s)", *map(load_name, self.loads)]

        def cell(result: Result) -> str:
            texts, tokens = result.median("texts_per_s"), result.median("tokens_per_s")
            return f"{texts:,.0f} ({tokens:,.0f})"

        return self.table(heading, cell, [self.speed_ratio(load) for load in self.loads])

    def latency_table(self) -> str:
        """Medians and 99th percentiles."""
        heading = ["p50 / p99, ms", *map(load_name, self.loads)]

        def cell(result: Result) -> str:
            return f"{figure_ms(result.median('p50_s'))} / {figure_ms(result.median('p99_s'))}"

        return self.table(heading, cell, [self.latency_ratio(load, "p50_s") for load in self.loads])

    def table(
        self, heading: list[str], cell: Callable[[Result], str], ratios: list[Ratio | None]
    ) -> str:
        """Contestants by loads, and scimult relative to the best of the others."""
        rows = [heading]
        for name in self.present:
            results = [self.result(name, load) for load in self.loads]
            rows.append(
                [self.outcome.standings[name].title, *(cell(r) if r else "–" for r in results)]
            )
        rows.append(
            ["**scimult / best other**", *(f"{r.value:.2f} ×" if r else "–" for r in ratios)]
        )
        return aligned(rows)

    def standing_table(self) -> str:
        """Memory, time to start, and accuracy."""
        rows = [["", "memory MB", "start s", "mean cosine", "min cosine"]]
        for standing in self.outcome.standings.values():
            cosines = np.concatenate(standing.cosines)
            rows.append(
                [
                    standing.title,
                    f"{standing.memory_bytes / 1e6:,.0f}",
                    f"{standing.start_s:.2f}",
                    f"{cosines.mean():.4f}",
                    f"{cosines.min():.4f}",
                ]
            )
        ratios = [self.standing_ratio(figure) for figure in ("memory_bytes", "start_s")]
        rows.append(
            [
                "**best other / scimult**",
                *(f"{r.value:.1f} ×" if r else "–" for r in ratios),
                "",
                "",
            ]
        )
        return aligned(rows)

    def goal_table(self) -> str:
        """The goals for scimult's server."""
        rows = [
            [goal.what, goal.reached, goal.bound, "met" if goal.is_met else "missed"]
            for goal in goals(self.share, self.constants)
        ]
        return aligned([["scimult serve", "reached", "goal", ""], *rows]) if rows else ""

    def notes(self) -> list[str]:
        """Returns notes that explain the tables."""
        notes = [f"{name} is absent: {reason}" for name, reason in self.outcome.absent.items()]
        notes += self.outcome.failures
        if self.constants is not None:
            notes.append(
                "Of the calls/s of constants in Python, scimult answers "
                f"{self.constants.cached_ratio:.1f} × as many from its cache; its engine alone "
                f"embeds {self.constants.engine_ratio:.1f} × as many such texts."
            )
        most = max((r.median("others_share") for r in self.outcome.results), default=0)
        if most > QUIET_SHARE:
            notes.append(
                f"Other programs had the servers' core for up to {100 * most:.0f} % of the time: "
                "the ratios do not hold, repeat on a quiet machine."
            )
        return notes

    def as_json(self) -> dict[str, Any]:
        """Returns all results."""
        standings = self.outcome.standings
        return {
            "model": self.name,
            "contestants": {name: each.as_json() for name, each in standings.items()},
            "results": [result.as_json() for result in self.outcome.results],
            "ratios": [ratio.__dict__ for ratio in self.ratios()],
            "engine_share": self.share.as_json() if self.share else None,
            "constants": self.constants.as_json() if self.constants else None,
            "absent": self.outcome.absent,
            "failures": self.outcome.failures,
        }


def load_name(load: Load) -> str:
    """Returns the kind of traffic, and the number of concurrent requests."""
    traffic, concurrency = load
    return f"{traffic} × {concurrency}"


def figure_ms(seconds: float) -> str:
    """Formats milliseconds with three digits, or as an integer."""
    value = seconds * 1_000
    digits = 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:,.{digits}f}"
