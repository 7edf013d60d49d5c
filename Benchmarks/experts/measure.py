#!/usr/bin/env python3
"""Measures the cost of experts: the speed of models with adapters relative to one without.

    measure.py --scimult .build/release/scimult [--rounds 3]

Measures an encoder of BERT-base's shape with random weights, without adapters and with each kind of
adapters, in turns and on one thread. One workload has texts of one task, another has texts of four
tasks and two roles in every batch. Prints the medians in tokens per second, their ratios to the
encoder without adapters, and the ratios of mixed tasks to one task.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from models import (
    DOUBLE_SEQ_BN,
    SEQ_BN,
    TOKENS,
    write_base,
    write_bottlenecks,
    write_low_rank,
)

SECONDS = 2


@dataclass(frozen=True)
class Subject:
    name: str
    folder: Path
    mixed: bool = False


def write_workloads(path: Path) -> None:
    """Writes eight texts of a paper's length, and 64 of a query's."""
    draw = random.Random(1)

    def texts(count: int, shortest: int, longest: int) -> list[list[int]]:
        lengths = [draw.randrange(shortest, longest) for _ in range(count)]
        return [[2, *(draw.randrange(5, TOKENS) for _ in range(n)), 3] for n in lengths]

    path.write_text(json.dumps({"texts": texts(8, 100, 300), "queries": texts(64, 4, 20)}))


def write_models(folder: Path) -> list[Subject]:
    base = folder / "base"
    write_base(base)
    specter2, low_rank = folder / "specter2", folder / "lora"
    write_bottlenecks(base, specter2, SEQ_BN, 48)
    write_low_rank(base, low_rank, 16)
    subjects = [
        Subject("the encoder alone", base),
        Subject("seq_bn 48 wide, one task", specter2),
        Subject("seq_bn 48 wide, mixed", specter2, mixed=True),
    ]
    for width in (8, 64):
        double = folder / f"double{width}"
        write_bottlenecks(base, double, DOUBLE_SEQ_BN, width)
        subjects.append(Subject(f"double_seq_bn {width} wide, one task", double))
    return [
        *subjects,
        Subject("LoRA of rank 16, one task", low_rank),
        Subject("LoRA of rank 16, mixed", low_rank, mixed=True),
    ]


def measure(scimult: str, subject: Subject, sequences: Path) -> dict[str, float]:
    """Returns tokens per second by workload."""
    words = [scimult, "bench", "--model", str(subject.folder), "--threads", "1", "--json"]
    words += ["--sequences", str(sequences), "--seconds", str(SECONDS)]
    told = subprocess.run(
        [*words, *(["--mixed"] if subject.mixed else [])], capture_output=True, check=True
    )
    return {w["name"]: float(w["tokens_per_s"]) for w in json.loads(told.stdout)["workloads"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scimult", required=True, help="the executable")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each model (default: 3)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subjects = write_models(folder)
        sequences = folder / "sequences.json"
        write_workloads(sequences)
        runs: dict[str, list[dict[str, float]]] = {subject.name: [] for subject in subjects}
        for number in range(options.rounds):
            for subject in subjects:
                print(f"round {number + 1}: {subject.name}", file=sys.stderr)
                runs[subject.name].append(measure(options.scimult, subject, sequences))
        for workload in ("texts", "queries"):
            medians = {n: statistics.median(r[workload] for r in runs[n]) for n in runs}
            first = medians[subjects[0].name]
            for subject in subjects:
                speed = medians[subject.name]
                print(f"{workload:8} {subject.name:32} {speed:8.0f} tokens/s {speed / first:6.3f}")
                if subject.mixed:
                    one = medians[subject.name.replace("mixed", "one task")]
                    print(f"{'':8} {'  against one task':32} {'':17} {speed / one:6.3f}")


if __name__ == "__main__":
    main()
