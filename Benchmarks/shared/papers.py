"""Texts, and their token ids."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from shared.sequences import Sequences
from shared.vocabulary import Vocabulary

CALIBRATION_PAPERS = 300
"""The first papers are for calibration, and others are measured if there are enough."""

RANDOM_TOKENS_MIN = 60
RANDOM_TOKENS_MAX = 250

Document = dict[str, Any]


def read_papers(path: Path, count: int) -> list[Document]:
    """Returns the first papers of a JSONL file of titles and abstracts."""
    with path.open(encoding="utf-8") as lines:
        papers = [json.loads(line) for line in islice(lines, count)]
    return [{"title": paper["title"], "abstract": paper.get("abstract") or ""} for paper in papers]


def random_papers(vocabulary: Vocabulary, count: int) -> list[Document]:
    """Returns papers of random words, with typical lengths."""
    return random_texts(vocabulary, count, RANDOM_TOKENS_MIN, RANDOM_TOKENS_MAX)


def random_texts(vocabulary: Vocabulary, count: int, least: int, most: int) -> list[Document]:
    """Returns texts of random words, the same in each run, from `least` to below `most` tokens."""
    random = np.random.default_rng(1)
    lengths = random.integers(least, most, count)
    sequences = [vocabulary.random_sequence(random, int(length)) for length in lengths]
    return [{"text": vocabulary.text(sequence)} for sequence in sequences]


def titles(papers: Iterable[Document]) -> list[Document]:
    """Returns only the titles."""
    return [{"text": paper["title"]} for paper in papers]


def token_ids(scimult: Path, model: Path, documents: Iterable[Document]) -> Sequences:
    """Returns the token ids of each document."""
    return [line["ids"] for line in tokenized(scimult, model, documents)]


def tokenized(scimult: Path, model: Path, documents: Iterable[Document]) -> list[dict[str, Any]]:
    """Returns the output of `scimult tokenize` for each document, with `ids` and `truncated`."""
    result = subprocess.run(
        [str(scimult), "tokenize", "--model", str(model)],
        input=as_lines(documents),
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        raise SystemExit(f"scimult tokenize: {result.stderr.strip()}")
    return [json.loads(line) for line in result.stdout.splitlines()]


def as_lines(documents: Iterable[Document]) -> str:
    """Returns the documents as JSON Lines."""
    return "".join(json.dumps(document) + "\n" for document in documents)
