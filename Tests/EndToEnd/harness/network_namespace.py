"""Separate networks with faults that the kernel simulates."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

_numbers = count()


class NoNetwork(Exception):
    """Gives the reason why a network cannot be made here."""


@contextmanager
def bad_network(*harm: str) -> Iterator[list[str]]:
    """Yields the start of a command that runs in a namespace with `tc netem` on its loopback."""
    name = f"scimult-test-{os.getpid()}-{next(_numbers)}"
    if shutil.which("ip") is None or shutil.which("tc") is None:
        raise NoNetwork("ip and tc are not installed (Debian: iproute2)")
    _run("ip", "netns", "add", name)
    try:
        inside = ["ip", "netns", "exec", name]
        _run(*inside, "ip", "link", "set", "lo", "up")
        _run(*inside, "tc", "qdisc", "add", "dev", "lo", "root", "netem", *harm)
        yield inside
    finally:
        _run("ip", "netns", "delete", name)


def _run(*command: str) -> None:
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        raise NoNetwork(f"{' '.join(command)}: {ended.stderr.strip()}")
