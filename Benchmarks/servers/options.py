"""The command line of the benchmark."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from contestants import NAMES

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Options:
    """The command line."""

    scimult: Path
    model: Path
    name: str
    tiny: Path
    texts: Path | None
    contestants: list[str]
    rounds: int
    seconds: float
    quick: bool
    cache: Path
    out: Path


def parse_options(description: str) -> Options:
    """Parses the command line, or exits with an error message."""
    parser = argparse.ArgumentParser(
        description=description,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    tiny = ROOT / "Tests/Fixtures/tiny-expert"
    add("--scimult", type=Path, default=ROOT / ".build/release/scimult", help="the executable")
    add("--model", type=Path, required=True, help="a folder that transformers reads too")
    add("--name", help="what tables call the model (default: the folder's name)")
    add("--tiny", type=Path, default=tiny, help="the model beside the server of constants")
    add("--texts", type=Path, help="JSONL of titles and abstracts; without it, random words")
    add("--contestants", help=f"comma-separated names (default: all): {', '.join(NAMES)}")
    add("--rounds", type=int, help="turns of each contestant (default: 5, quick: 1)")
    add("--seconds", type=float, help="of a turn (default: 2, quick: 0.5)")
    add("--quick", action="store_true", help="shorter, with fewer texts")
    add("--cache", type=Path, default=ROOT / ".build/encoder-benchmark", help="exported models")
    add("--out", type=Path, default=ROOT / "Benchmarks/results", help="folder of the results")
    given = parser.parse_args()
    contestants = given.contestants.split(",") if given.contestants else list(NAMES)
    for name in contestants:
        if name not in NAMES:
            parser.error(f"no contestant {name}; contestants: {', '.join(NAMES)}")
    return Options(
        scimult=given.scimult.resolve(),
        model=given.model.resolve(),
        name=given.name or given.model.resolve().name,
        tiny=given.tiny.resolve(),
        texts=given.texts,
        contestants=contestants,
        rounds=given.rounds or (1 if given.quick else 5),
        seconds=given.seconds or (0.5 if given.quick else 2),
        quick=given.quick,
        cache=given.cache.resolve(),
        out=given.out,
    )
