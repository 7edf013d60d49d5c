"""Texts, and the token ids that the model reads of them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from vocabulary import Vocabulary
from workloads import Sequences

RANDOM_TOKENS_MIN = 60
RANDOM_TOKENS_MAX = 250

Document = dict[str, Any]


def read_papers(path: Path, count: int) -> list[Document]:
    """The first papers of a JSONL file of titles and abstracts."""
    with path.open(encoding="utf-8") as lines:
        papers = [json.loads(line) for line in islice(lines, count)]
    return [{"title": paper["title"], "abstract": paper.get("abstract") or ""} for paper in papers]


def random_papers(vocabulary: Vocabulary, count: int) -> list[Document]:
    """Texts of random words, the same at every run."""
    random = np.random.default_rng(1)
    lengths = random.integers(RANDOM_TOKENS_MIN, RANDOM_TOKENS_MAX, count)
    sequences = [vocabulary.random_sequence(random, int(length)) for length in lengths]
    return [{"text": vocabulary.text(sequence)} for sequence in sequences]


def titles(papers: Iterable[Document]) -> list[Document]:
    """The titles alone."""
    return [{"text": paper["title"]} for paper in papers]


def token_ids(scimult: Path, model: Path, documents: Iterable[Document]) -> Sequences:
    """What the model reads of each document, by `scimult tokenize`."""
    result = subprocess.run(
        [str(scimult), "tokenize", "--model", str(model)],
        input=as_lines(documents),
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        raise SystemExit(f"scimult tokenize: {result.stderr.strip()}")
    return [json.loads(line)["ids"] for line in result.stdout.splitlines()]


def as_lines(documents: Iterable[Document]) -> str:
    """The documents as JSON lines."""
    return "".join(json.dumps(document) + "\n" for document in documents)
