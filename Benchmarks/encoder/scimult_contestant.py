"""scimult, measured by its own commands."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

from contestant import Contestant, Setting, Texts
from measurement import Measurement
from shared.processes import AbsentError
from shared.sequences import Workload, write_sequences


class ScimultContestant(Contestant):
    """`scimult bench`, with a process for each round."""

    product = "scimult"

    def __init__(self, setting: Setting, precision: str) -> None:
        self.setting = setting
        self.precision = precision
        self.sequences = setting.cache / f"scimult-{precision}-workload.json"

    def start(self) -> None:
        if not self.setting.scimult.exists():
            raise AbsentError(f"{self.setting.scimult.name} is not built")

    def prepare(self, workload: Workload) -> dict[str, Any]:
        write_sequences(self.sequences, [workload])
        return {"kernels": self.report(0.01)["kernels"]}

    def measure(self, duration: float) -> Measurement:
        wall, processor = time.perf_counter(), children_seconds()
        (row,) = self.report(duration)["workloads"]
        share = (children_seconds() - processor) / (time.perf_counter() - wall)
        return Measurement(row["passes"], row["median_s"], row["p10_s"], row["p90_s"], share)

    def release(self) -> None:
        """Does nothing: no memory is kept between rounds."""

    def close(self) -> None:
        """Does nothing: no process outlives a round."""

    def embed(self, texts: Texts, output: Path) -> None:
        self.run("encode", {"--task": "search", "--output": output}, texts.lines)

    def report(self, duration: float) -> dict[str, Any]:
        """Returns the report of `scimult bench` on the workload."""
        options = {"--sequences": self.sequences, "--seconds": duration}
        report: dict[str, Any] = json.loads(self.run("bench", options, "", "--json"))
        return report

    def run(self, command: str, options: dict[str, object], text: str, *flags: str) -> str:
        """Returns the output of a command."""
        setting = self.setting
        common = {
            "--model": setting.model,
            "--precision": self.precision,
            "--threads": setting.threads,
        }
        words = [str(word) for pair in {**common, **options}.items() for word in pair]
        result = subprocess.run(
            setting.pinned([str(setting.scimult), command, *words, *flags]),
            input=text,
            capture_output=True,
            text=True,
            check=False,
            env=setting.environment,
        )
        if result.returncode != 0:
            raise AbsentError(last_line(result.stderr, result.returncode))
        return result.stdout


def children_seconds() -> float:
    """Returns the CPU time of all commands that have ended."""
    times = os.times()
    return times.children_user + times.children_system


def last_line(text: str, status: int) -> str:
    """Returns the last line of a failed command's error output."""
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else f"ended with status {status}"
