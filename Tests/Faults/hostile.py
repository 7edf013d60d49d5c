"""Hostile processes that run within a with statement."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from harness.server import ServerProcess

HERE = Path(__file__).resolve().parent
HARNESS = HERE.parent / "EndToEnd"
END_SECONDS_MAX = 60


@contextmanager
def hostile(
    program: str, server: ServerProcess, *arguments: str | Path, findings: list[Any]
) -> Iterator[None]:
    """Runs a program of this folder from its first output line on; at the end adds its result."""
    command = [sys.executable, str(HERE / program), server.host, str(server.port)]
    process = subprocess.Popen(
        [*command, *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(HARNESS)},
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline(), f"{program} failed"
        yield
        process.terminate()
        output, _ = process.communicate(timeout=END_SECONDS_MAX)
        assert process.returncode == 0, f"{program} failed"
        findings.append(json.loads(output))
    finally:
        process.kill()
        process.wait()
