#!/usr/bin/env python3
"""Compares embeddings and rankings in int8 with those in fp32, on real papers.

    compare.py --model MODEL --papers papers.jsonl [--search search.jsonl]

papers.jsonl holds {"title", "abstract"} lines; search.jsonl {"query", "candidates": [{"title",
"abstract", "score"}, …]} lines. Three comparisons: the cosine of an abstract's two embeddings; the
nDCG@10 of finding each paper by its title among all abstracts; the scores and the nDCG@10 of the
rows of search.jsonl.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

DEPTH = 10
COMPARED = ("fp32", "int8")

Vectors = npt.NDArray[np.float64]


class Encoder:
    """`scimult encode`, in one precision."""

    def __init__(self, scimult: Path, model: Path, precision: str, folder: Path) -> None:
        self.command = [str(scimult), "encode", "--model", str(model), "--precision", precision]
        self.folder = folder

    def embed(self, documents: Iterable[dict[str, Any]], role: str) -> Vectors:
        """Returns a vector of length one for each document."""
        source, result = self.folder / "in.jsonl", self.folder / "out.npy"
        source.write_text("".join(json.dumps(document) + "\n" for document in documents))
        subprocess.run(
            [
                *(*self.command, "--task", "search", "--role", role),
                *("--input", str(source), "--output", str(result)),
            ],
            check=True,
        )
        vectors = np.load(result).astype(np.float64)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Returns the objects of a JSON Lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def ndcg(gains: npt.NDArray[np.float64]) -> float:
    """Returns the nDCG@10 of gains in the order of a ranking."""
    discounts = 1 / np.log2(np.arange(2, DEPTH + 2))
    best = np.sort(gains)[::-1][:DEPTH]
    ideal = float((best * discounts[: len(best)]).sum())
    found = gains[:DEPTH]
    return float((found * discounts[: len(found)]).sum()) / ideal if ideal else 0.0


def retrieval_ndcg(titles: Vectors, abstracts: Vectors) -> float:
    """Returns the mean nDCG@10 of finding each abstract among all by its title."""
    total = 0.0
    for index, title in enumerate(titles):
        scores = abstracts @ title
        rank = int((scores > scores[index]).sum())
        total += 1 / np.log2(rank + 2) if rank < DEPTH else 0.0
    return float(total / len(titles))


def compare_papers(encoders: dict[str, Encoder], papers: list[dict[str, Any]]) -> Iterator[str]:
    """Yields lines about the cosines of abstracts, and about retrieval by title."""
    titles = [{"text": paper["title"]} for paper in papers]
    abstracts = [{"text": paper["abstract"] or ""} for paper in papers]
    vectors = {name: encoder.embed(abstracts, "candidate") for name, encoder in encoders.items()}
    cosines = (vectors["fp32"] * vectors["int8"]).sum(axis=1)
    yield f"abstracts: {len(papers)}, mean cosine {cosines.mean():.5f}, min {cosines.min():.5f}"
    found = {
        name: retrieval_ndcg(encoder.embed(titles, "query"), vectors[name])
        for name, encoder in encoders.items()
    }
    yield (
        f"abstract by title, nDCG@{DEPTH}: fp32 {found['fp32']:.4f}, int8 {found['int8']:.4f}, "
        f"difference {found['int8'] - found['fp32']:+.4f}"
    )


def compare_search(encoders: dict[str, Encoder], rows: list[dict[str, Any]]) -> Iterator[str]:
    """Yields lines about scores and the nDCG@10 of labelled candidates."""
    queries = [{"text": row["query"]} for row in rows]
    candidates = [
        {"title": candidate["title"] or "", "abstract": candidate["abstract"] or ""}
        for row in rows
        for candidate in row["candidates"]
    ]
    counts = [len(row["candidates"]) for row in rows]
    scores = {}
    for name, encoder in encoders.items():
        query = np.repeat(encoder.embed(queries, "query"), counts, axis=0)
        scores[name] = (query * encoder.embed(candidates, "candidate")).sum(axis=1)
    change = np.abs(scores["fp32"] - scores["int8"]).max()
    yield f"search rows: {len(rows)}, largest change of a score {change:.4f}"
    gains = [float(candidate["score"] or 0) for row in rows for candidate in row["candidates"]]
    ends = np.cumsum(counts)[:-1]
    for name in encoders:
        pairs = zip(np.split(scores[name], ends), np.split(np.array(gains), ends), strict=True)
        mean = np.mean([ndcg(gain[np.argsort(-score, kind="stable")]) for score, gain in pairs])
        yield f"search rows, nDCG@{DEPTH}: {name} {mean:.4f}"


def main() -> None:
    """Prints the comparisons."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--scimult", type=Path, default=Path(".build/release/scimult"))
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--papers", type=Path, required=True)
    parser.add_argument("--search", type=Path)
    parser.add_argument("--abstracts", type=int, help="compare the first so many papers only")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        encoders = {
            precision: Encoder(options.scimult, options.model, precision, folder)
            for precision in COMPARED
        }
        papers = read_lines(options.papers)[: options.abstracts]
        for line in compare_papers(encoders, papers):
            print(line, flush=True)
        if options.search:
            for line in compare_search(encoders, read_lines(options.search)):
                print(line, flush=True)


if __name__ == "__main__":
    main()
