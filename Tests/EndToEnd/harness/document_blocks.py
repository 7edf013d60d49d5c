"""Programs and commands of a document, as readers copy them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(r"^```(?P<words>[^\n`]+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block."""

    #: What stands behind the fence: the language, and perhaps what the block needs.
    words: str
    #: The line that it begins at.
    line: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line}"


def blocks(document: Path, words: str) -> list[Block]:
    """The blocks of a document behind whose fence stands exactly this."""
    text = document.read_text(encoding="utf-8")
    return [
        Block(words, text.count("\n", 0, match.start()) + 1, match["text"])
        for match in _BLOCK.finditer(text)
        if match["words"] == words
    ]
