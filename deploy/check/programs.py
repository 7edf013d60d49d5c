"""External programs that tests run. Without a program, the test is skipped with a reason."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from places import REPOSITORY

RUN_SECONDS_MAX = 900
ENVIRONMENT_PROGRAMS = Path(sys.executable).parent
TOOLS = REPOSITORY / ".tools"


def need(name: str) -> str:
    """Returns a program's path in PATH, this environment or .tools; else skips the test."""
    for folder in (None, ENVIRONMENT_PROGRAMS, TOOLS):
        if path := shutil.which(name, path=folder):
            return path
    pytest.skip(f"{name} is not there: deploy/check/setup.sh installs what Debian and PyPI have")


def need_root() -> None:
    if os.geteuid() != 0:
        pytest.skip("only root may make a root filesystem")


def run(
    *command: str | Path,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    codes: tuple[int, ...] = (0,),
) -> str:
    """Runs a command, checks its exit code, and returns its output."""
    outcome = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=RUN_SECONDS_MAX,
        check=False,
    )
    assert outcome.returncode in codes, f"{command}: {outcome.returncode}\n{outcome.stdout}"
    return outcome.stdout
