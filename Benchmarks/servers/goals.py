"""The goals for scimult's server, with the results."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from constant_embeddings import Constants
from engine_share import EngineShare

SHARE_MIN = 0.92
QUERY_OVERHEAD_S_MAX = 0.15e-3
CONSTANTS_RATIO_MIN = 10.0


@dataclass(frozen=True)
class Goal:
    """A result and its limit, as shown in tables."""

    what: str
    reached: str
    bound: str
    is_met: bool


def goals(share: EngineShare | None, constants: Constants | None) -> Iterator[Goal]:
    """Yields the goals for which there are results."""
    if share is not None:
        for method, value in (("Encode", share.encode), ("EncodeStream", share.stream)):
            what = f"of the engine's tokens/s, through {method}"
            yield Goal(what, f"{value:.3f}", f"≥ {SHARE_MIN}", value >= SHARE_MIN)
        overhead = share.query_overhead_s
        yield Goal(
            "a call with one query, above the engine",
            f"{overhead * 1_000:.3f} ms",
            f"≤ {QUERY_OVERHEAD_S_MAX * 1_000:.2f} ms",
            overhead <= QUERY_OVERHEAD_S_MAX,
        )
    if constants is not None:
        yield Goal(
            "calls/s with a tiny model, of those of constants in Python",
            f"{constants.ratio:.1f} ×",
            f"≥ {CONSTANTS_RATIO_MIN:.0f} ×",
            constants.ratio >= CONSTANTS_RATIO_MIN,
        )
