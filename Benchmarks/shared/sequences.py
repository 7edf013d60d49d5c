"""Named workloads of token sequences, and the file that `scimult bench --sequences` reads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

Sequences = list[list[int]]


@dataclass(frozen=True)
class Workload:
    """Sequences of token ids, including [CLS] and [SEP]."""

    name: str
    sequences: Sequences

    @property
    def tokens(self) -> int:
        """Number of tokens in all sequences."""
        return sum(len(sequence) for sequence in self.sequences)

    @property
    def is_latency(self) -> bool:
        """Whether the time for one sequence is measured."""
        return len(self.sequences) == 1


def write_sequences(path: Path, workloads: Iterable[Workload]) -> None:
    """Writes the file that `scimult bench --sequences` reads."""
    contents: Mapping[str, Sequences] = {w.name: w.sequences for w in workloads}
    path.write_text(json.dumps(contents), encoding="utf-8")


def read_sequences(path: Path) -> list[Workload]:
    """Reads the file of `write_sequences`."""
    contents = json.loads(path.read_text(encoding="utf-8"))
    return [Workload(name, sequences) for name, sequences in contents.items()]
