#!/usr/bin/env python3
"""Compares the speed of `scimult encode` on a file of papers with the engine's own speed.

    measure.py --model MODEL --papers papers.jsonl

Measures alternately: the tokens per second of `scimult bench` on the file's token ids, and those of
`scimult encode` from the file to a .npy file. The latter includes reading, tokenising and writing,
but not the start, whose time is measured with a file of one line. Prints each round, the median of
the ratios, and the ratio of the fastest rounds, because other work on a machine only slows down.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

#: Duration of one measurement of the engine; it repeats the file until then.
ENGINE_SECONDS = 10


class Measurement:
    """The papers of one file, for both measurements."""

    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        self._options = options
        self._folder = folder
        lines = options.papers.read_text(encoding="utf-8").splitlines()[: options.count]
        self._papers = folder / "papers.jsonl"
        self._papers.write_text("\n".join(lines) + "\n", encoding="utf-8")
        self._one = folder / "one.jsonl"
        self._one.write_text(lines[0] + "\n", encoding="utf-8")
        self._sequences = folder / "sequences.json"
        read = self._run("tokenize", "--model", options.model, "--input", str(self._papers))
        ids = [json.loads(line)["ids"] for line in read.splitlines()]
        self._sequences.write_text(json.dumps({"papers": ids}), encoding="utf-8")
        self.tokens = sum(map(len, ids))

    def engine(self) -> float:
        """Returns the tokens per second of the engine alone."""
        told = self._run(
            *("bench", *self._common(), "--sequences", str(self._sequences)),
            *("--seconds", str(ENGINE_SECONDS), "--json"),
        )
        return float(json.loads(told)["workloads"][0]["tokens_per_s"])

    def encode(self) -> float:
        """Returns the tokens per second from file to file."""
        return self.tokens / (self._encode(self._papers) - self._encode(self._one))

    def _encode(self, papers: Path) -> float:
        begun = time.monotonic()
        self._run(
            *("encode", *self._common(), "--task", "search"),
            *("--input", str(papers), "--output", str(self._folder / "vectors.npy")),
        )
        return time.monotonic() - begun

    def _common(self) -> list[str]:
        threads = self._options.threads
        return ["--model", self._options.model, *(["--threads", str(threads)] if threads else [])]

    def _run(self, *arguments: str) -> str:
        command = [str(self._options.scimult), *arguments]
        return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scimult", type=Path, default=Path(".build/release/scimult"))
    parser.add_argument("--model", required=True)
    parser.add_argument(
        "--papers", type=Path, required=True, help='lines of {"title", "abstract"}; real ones'
    )
    parser.add_argument("--count", type=int, help="the first so many papers only")
    parser.add_argument("--threads", type=int, help="for both; all cores by default")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measurement = Measurement(options, Path(folder))
        rounds = []
        for _ in range(options.rounds):
            engine, encode = measurement.engine(), measurement.encode()
            rounds.append((engine, encode))
            print(f"engine {engine:,.0f} tokens/s, encode {encode:,.0f}: {encode / engine:.3f}")
    median = statistics.median(encode / engine for engine, encode in rounds)
    fastest = max(encode for _, encode in rounds) / max(engine for engine, _ in rounds)
    print(f"median of {len(rounds)} rounds: {median:.3f}; of the fastest: {fastest:.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
