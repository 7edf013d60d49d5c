"""The results of contestants."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

import numpy as np
from shared.batches import FloatArray


@dataclass(frozen=True)
class Turn:
    """The result of a server in one round."""

    requests: int
    texts_per_s: float
    tokens_per_s: float
    p50_s: float
    p99_s: float
    others_share: float
    """The share of the server's core that other programs used."""


@dataclass(frozen=True)
class Result:
    """A server's turns under one load."""

    contestant: str
    traffic: str
    concurrency: int
    turns: list[Turn]

    def median(self, figure: str) -> float:
        """Returns the median of a field over all turns."""
        return float(median(getattr(turn, figure) for turn in self.turns))

    def as_json(self) -> dict[str, Any]:
        """Returns medians, and all turns."""
        figures = ("texts_per_s", "tokens_per_s", "p50_s", "p99_s", "others_share")
        return {
            "contestant": self.contestant,
            "traffic": self.traffic,
            "concurrency": self.concurrency,
            **{figure: self.median(figure) for figure in figures},
            "turns": [asdict(turn) for turn in self.turns],
        }


@dataclass
class Standing:
    """A server's properties besides its speed."""

    title: str
    start_s: float
    """Seconds from the command to the first correct answer."""
    cosines: list[FloatArray] = field(default_factory=list)
    """Cosines with fp32, of all texts."""
    memory_bytes: int = 0
    """Memory of all its processes after load; shared pages count in proportion."""

    def as_json(self) -> dict[str, Any]:
        """Returns all properties."""
        cosines = np.concatenate(self.cosines)
        return {
            "title": self.title,
            "start_s": self.start_s,
            "memory_bytes": self.memory_bytes,
            "mean_cosine": float(cosines.mean()),
            "min_cosine": float(cosines.min()),
        }


@dataclass
class Outcome:
    """All results, the reasons for missing ones, and temporary failures."""

    results: list[Result] = field(default_factory=list)
    standings: dict[str, Standing] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
