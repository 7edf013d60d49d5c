"""The tokens of a model that texts of random words need."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Vocabulary:
    """Words that the tokenizer does not split, so that random ids correspond to texts."""

    tokens: list[str]
    words: list[int]

    @classmethod
    def read(cls, model: Path) -> Vocabulary:
        """Reads `vocab.txt` of a model's folder."""
        text = (model / "vocab.txt").read_text(encoding="utf-8")
        tokens = text.removesuffix("\n").split("\n")
        words = [
            place
            for place, token in enumerate(tokens)
            if len(token) > 1 and token.isascii() and token.isalpha() and token.islower()
        ]
        return cls(tokens, words)

    def random_sequence(self, random: np.random.Generator, length: int) -> list[int]:
        """Returns `length` tokens: [CLS], words, [SEP]."""
        places = random.integers(0, len(self.words), max(length - 2, 1))
        words = [self.words[place] for place in places]
        return [self.tokens.index("[CLS]"), *words, self.tokens.index("[SEP]")]

    def text(self, sequence: list[int]) -> str:
        """Returns the text that the tokenizer converts to these ids."""
        return " ".join(self.tokens[token] for token in sequence[1:-1])
