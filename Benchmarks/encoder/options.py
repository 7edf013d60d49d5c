"""The command line of the benchmark."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

from instruction_sets import INSTRUCTION_SETS, InstructionSet
from shared.peers.registry import PEERS, Peer
from tournament import Rounds

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Options:
    """The command line."""

    scimult: Path
    model: Path
    name: str
    texts: Path | None
    peers: list[Peer]
    instruction_set: InstructionSet
    threads: int
    seconds: float
    quick: bool
    bert_base: bool
    accuracy_texts: int
    cache: Path
    out: Path

    @property
    def rounds(self) -> Rounds:
        """How often and how long an engine is measured on a workload."""
        return Rounds(3, 2, self.seconds) if self.quick else Rounds(9, 3, self.seconds)


def parse_options(description: str) -> Options:
    """Parses the command line, or exits with an error message."""
    parser = argparse.ArgumentParser(
        description=description,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--scimult", type=Path, default=ROOT / ".build/release/scimult", help="the executable")
    add("--model", type=Path, required=True, help="a folder that transformers reads too")
    add("--name", help="what tables call the model (default: the folder's name)")
    add("--texts", type=Path, help="JSONL of titles and abstracts; without it, random words")
    add("--peers", help="comma-separated names (default: all)")
    add("--isa", choices=INSTRUCTION_SETS, default="best", help="what the engines may use")
    add("--threads", type=int, default=1, help="of each engine")
    add("--seconds", type=float, help="for each engine and workload (default: 5, quick: 1.5)")
    add("--quick", action="store_true", help="int8 alone, shorter, without BERT-base")
    add(
        "--bert-base",
        action=argparse.BooleanOptionalAction,
        help="measure a random BERT-base as well, in int8 (default: unless --quick)",
    )
    add("--accuracy-texts", type=int, help="texts for accuracy (default: 200, quick: 64)")
    add("--cache", type=Path, default=ROOT / ".build/encoder-benchmark", help="exported models")
    add("--out", type=Path, help="folder of the results (default: Benchmarks/results[/ISA])")
    given = parser.parse_args()
    quick = given.quick
    try:
        names = given.peers.split(",") if given.peers else [peer.name for peer in PEERS]
        peers = [Peer.named(name) for name in names]
    except ValueError as error:
        parser.error(str(error))
    return Options(
        scimult=given.scimult.resolve(),
        model=given.model.resolve(),
        name=given.name or given.model.resolve().name,
        texts=given.texts,
        peers=peers,
        instruction_set=INSTRUCTION_SETS[given.isa],
        threads=given.threads,
        seconds=given.seconds or (1.5 if quick else 5),
        quick=quick,
        bert_base=not quick if given.bert_base is None else given.bert_base,
        accuracy_texts=given.accuracy_texts or (64 if quick else 200),
        cache=given.cache.resolve(),
        out=given.out or ROOT / "Benchmarks/results" / ("" if given.isa == "best" else given.isa),
    )
