"""Networks of their own, as bad as the kernel can make them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

_numbers = count()


class NoNetwork(Exception):
    """Says why a network cannot be made here."""


@contextmanager
def bad_network(*harm: str) -> Iterator[list[str]]:
    """A loopback with `tc netem` in a namespace; gives a command's beginning that runs it there."""
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
