"""Control groups, simulated and real, in which servers can be started."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from time import monotonic, sleep

REMOVE_SECONDS_MAX = 10

ROOT = Path("/sys/fs/cgroup")

_numbers = count()


class NoControlGroup(Exception):
    """Gives the reason why a real control group cannot be made here."""


def made_up(root: Path, *, memory: int | None = None, cpus: float | None = None) -> dict[str, str]:
    """Returns the environment of a server that reads these limits, from both versions' files."""
    if memory is not None:
        _write(root / "memory.max", f"{memory}\n")
        _write(root / "memory/memory.limit_in_bytes", f"{memory}\n")
    if cpus is not None:
        _write(root / "cpu.max", f"{round(cpus * 100_000)} 100000\n")
        for folder in ("cpu", "cpu,cpuacct"):
            _write(root / folder / "cpu.cfs_quota_us", f"{round(cpus * 100_000)}\n")
            _write(root / folder / "cpu.cfs_period_us", "100000\n")
    return {"SCIMULT_CGROUP_ROOT": str(root)}


@contextmanager
def real(
    *, memory: int | None = None, cpus: float | None = None, tasks: int | None = None
) -> Iterator[list[str]]:
    """Yields the start of a command that runs the rest of it under these kernel limits."""
    name = f"scimult-test-{os.getpid()}-{next(_numbers)}"
    groups: list[Path] = []
    try:
        if memory is not None:
            groups.append(_group("memory", name))
            file = "memory.max" if (groups[-1] / "memory.max").exists() else "memory.limit_in_bytes"
            _set(groups[-1] / file, f"{memory}")
        if cpus is not None:
            groups.append(_group("cpu", name))
            quota = f"{round(cpus * 100_000)}"
            if (groups[-1] / "cpu.max").exists():
                _set(groups[-1] / "cpu.max", f"{quota} 100000")
            else:
                _set(groups[-1] / "cpu.cfs_quota_us", quota)
        if tasks is not None:
            groups.append(_group("pids", name))
            _set(groups[-1] / "pids.max", f"{tasks}")
        joins = " && ".join(f"echo $$ > '{group}/cgroup.procs'" for group in groups)
        yield ["sh", "-c", f'{joins} && exec "$0" "$@"']
    finally:
        for group in set(groups):
            _remove(group)


def _group(controller: str, name: str) -> Path:
    """Makes a new group with a controller, in the version that has it."""
    unified = ROOT / "cgroup.controllers"
    parent = ROOT if unified.exists() else ROOT / controller
    try:
        if unified.exists():
            (ROOT / "cgroup.subtree_control").write_text(f"+{controller}")
        (parent / name).mkdir(exist_ok=True)
    except OSError as error:
        raise NoControlGroup(f"no {controller} group can be made: {error}") from error
    return parent / name


def _remove(group: Path) -> None:
    """Kills remaining processes of a group, if a test has failed, and removes the group."""
    for process in (group / "cgroup.procs").read_text().split():
        os.kill(int(process), signal.SIGKILL)
    deadline = monotonic() + REMOVE_SECONDS_MAX
    while True:
        try:
            return group.rmdir()
        except OSError:
            if monotonic() > deadline:
                raise
            sleep(0.01)


def _set(file: Path, value: str) -> None:
    try:
        file.write_text(value)
    except OSError as error:
        raise NoControlGroup(f"{file} cannot be set: {error}") from error


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
