"""The engine alone, without a server: `scimult bench` on the servers' core."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from setting import ENGINE_THREADS, Setting
from shared.processes import AbsentError, pinned
from shared.sequences import Workload, write_sequences


def engine_s(setting: Setting, model: Path, workload: Workload, seconds: float) -> float:
    """Returns the median of passes over a workload, repeated for some seconds."""
    path = setting.scratch / "sequences.json"
    write_sequences(path, [workload])
    result = subprocess.run(
        pinned(
            [
                *(str(setting.scimult), "bench", "--model", str(model)),
                *("--precision", "int8", "--threads", str(ENGINE_THREADS), "--json"),
                *("--sequences", str(path), "--seconds", str(seconds)),
            ],
            {setting.server_core},
        ),
        capture_output=True,
        text=True,
        check=False,
        env=setting.environment,
    )
    if result.returncode != 0:
        raise AbsentError(f"scimult bench: {result.stderr.strip()}")
    (row,) = json.loads(result.stdout)["workloads"]
    return float(row["median_s"])
