"""The commands of docs/deploy.md, so that checks run what a reader would."""

from __future__ import annotations

import re

from places import REPOSITORY

DOCUMENT = REPOSITORY / "docs/deploy.md"

_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks() -> list[str]:
    """The shell blocks, each as it stands."""
    return _BLOCK.findall(DOCUMENT.read_text())


def commands() -> list[str]:
    """The commands of all blocks in order, each on a line of its own; comments are left out."""
    joined = "".join(blocks()).replace("\\\n", " ")
    lines = [re.sub(r"\s+#.*$| {2,}", " ", line).strip() for line in joined.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def command(beginning: str, **changes: str) -> str:
    """The one command that begins so, with words of it changed: what a reader has to put in."""
    found = [line for line in commands() if line.startswith(beginning)]
    assert len(found) == 1, f"docs/deploy.md has {len(found)} commands that begin with {beginning}"
    line = found[0]
    for word, value in changes.items():
        assert word in line, f"{line!r} does not hold {word}"
        line = line.replace(word, value)
    return line
