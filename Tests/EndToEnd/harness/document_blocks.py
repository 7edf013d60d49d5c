"""Code blocks of a document, as readers copy them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"^```(?P<words>[^\n`]+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced code block."""

    #: The text after the fence: the language, and optionally what the block needs.
    words: str
    #: The line where it begins.
    line: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line}"


def blocks(document: Path, words: str) -> list[Block]:
    """Returns the blocks of a document with exactly this text after the fence."""
    text = document.read_text(encoding="utf-8")
    return [
        Block(words, text.count("\n", 0, match.start()) + 1, match["text"])
        for match in _BLOCK.finditer(text)
        if match["words"] == words
    ]
