"""The commands of docs/deploy.md, so that tests run the documented commands."""

from __future__ import annotations

import re
from collections.abc import Mapping

from harness.document_blocks import blocks
from places import REPOSITORY

DOCUMENT = REPOSITORY / "docs/deploy.md"


def commands() -> list[str]:
    """Returns the commands of all shell blocks, each on one line, without comments."""
    joined = "".join(block.text for block in blocks(DOCUMENT, "sh")).replace("\\\n", " ")
    lines = [re.sub(r"\s+#.*$| {2,}", " ", line).strip() for line in joined.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def command(beginning: str, changes: Mapping[str, str] | None = None) -> str:
    """Returns the only command with this beginning, with placeholders replaced."""
    found = [line for line in commands() if line.startswith(beginning)]
    assert len(found) == 1, f"docs/deploy.md has {len(found)} commands that begin with {beginning}"
    line = found[0]
    for word, value in (changes or {}).items():
        assert word in line, f"{line!r} does not hold {word}"
        line = line.replace(word, value)
    return line


def file_with(words: str, language: str) -> str:
    """Returns the only code block of a language that contains these words."""
    found = [block.text for block in blocks(DOCUMENT, language) if words in block.text]
    assert len(found) == 1, f"docs/deploy.md has {len(found)} blocks of {language} with {words}"
    return found[0]
