"""The process of one peer: reads commands from standard input, and answers each with a line.

Commands are JSON objects:
    {"command": "prepare", "sequences": FILE, "workload": NAME}  finds the best form and warms it up
    {"command": "measure", "seconds": N}                         measures passes over that workload
    {"command": "release"}                                       frees data that depend on shapes
    {"command": "embed", "sequences": FILE, "output": F.npy}     writes the pooled vectors
An answer is an object: {"error": LINE} if the peer cannot do it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from best_form import Choice, best_choice, run_all
from measurement import Measurement, repeated
from shared.batches import Batch, padded_batches
from shared.embedding import embedded
from shared.peers.engine import Engine, EngineOptions
from shared.peers.registry import PRODUCTS, Peer
from shared.pooling import pools_by_mean
from shared.sequences import read_sequences

WARMING_BATCHES = 8
WARMING_SHARE = 0.1


class Worker:
    """Runs commands on one engine."""

    def __init__(self, engine: Engine, model: Path) -> None:
        self.engine = engine
        self.by_mean = pools_by_mean(model)
        self.choice = Choice(engine.forms[0], 1)
        self.batches: list[Batch] = []

    def answer(self, command: dict[str, Any]) -> dict[str, Any]:
        """Runs one command."""
        match command["command"]:
            case "prepare":
                return self.prepare(Path(command["sequences"]), command["workload"])
            case "measure":
                return self.measure(command["seconds"])
            case "release":
                self.engine.release()
                return {}
            case "embed":
                (workload,) = read_sequences(Path(command["sequences"]))
                vectors = embedded(self.engine, workload.sequences, self.by_mean)
                np.save(Path(command["output"]), vectors)
                return {}
            case unknown:
                raise ValueError(f"no command {unknown}")

    def prepare(self, path: Path, name: str) -> dict[str, Any]:
        workload = next(each for each in read_sequences(path) if each.name == name)
        self.choice = best_choice(self.engine, workload)
        self.engine.release()
        self.batches = list(padded_batches(workload.sequences, self.choice.batch))
        self.run_once()
        return {"form": self.choice.form, "batch": self.choice.batch}

    def measure(self, duration: float) -> dict[str, Any]:
        # Another engine may have run in between. The warm-up loads the weights into the caches
        # again.
        warming = partial(run_all, self.engine, self.batches[:WARMING_BATCHES], self.choice)
        repeated(warming, duration * WARMING_SHARE)
        wall, processor = time.perf_counter(), time.process_time()
        times = repeated(self.run_once, duration)
        share = (time.process_time() - processor) / (time.perf_counter() - wall)
        return dict(Measurement.of(times, share).as_json())

    def run_once(self) -> None:
        run_all(self.engine, self.batches, self.choice)


def one_line(error: Exception) -> str:
    """Returns an error's message in one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:300]


def main() -> int:
    """Starts the engine, then answers commands until the input ends."""
    # Libraries print to standard output. Their output is redirected to standard error, so that
    # standard output contains only answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    parser = argparse.ArgumentParser()
    parser.add_argument("--peer", type=Peer.named, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--calibration", type=Path, required=True)
    parser.add_argument("--threads", type=int, required=True)
    arguments = parser.parse_args()

    (calibration,) = read_sequences(arguments.calibration)
    options = EngineOptions(
        arguments.model,
        arguments.cache,
        arguments.threads,
        arguments.peer.precision,
        calibration.sequences,
    )
    try:
        worker = Worker(PRODUCTS[arguments.peer.product](options), arguments.model)
    except Exception as error:
        print(json.dumps({"error": one_line(error)}), file=answers)
        return 1
    print(json.dumps({}), file=answers)
    for line in sys.stdin:
        try:
            answer = worker.answer(json.loads(line))
        except Exception as error:
            answer = {"error": one_line(error)}
        print(json.dumps(answer), file=answers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
