#!/usr/bin/env python3
"""Compare the speed of `tokenizer-benchmark` with Hugging Face's `tokenizers`, one thread each.

The two sides run alternately, so that changes of the machine's speed affect both. For `tokenizers`,
the better of `encode` in a loop and `encode_batch` counts. Prints one JSON object.

    swift build -c release --product tokenizer-benchmark
    python3 Benchmarks/tokenizer/compare.py --model MODEL_FOLDER [--papers PAPERS.jsonl]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ["TOKENIZERS_PARALLELISM"] = "false"

from tokenizers import BertWordPieceTokenizer

ROOT = Path(__file__).resolve().parents[2]
SEED = 20230514
MAX_TOKENS = 512


def synthetic_papers(model: Path, count: int) -> list[dict[str, str]]:
    """Returns papers of words from the vocabulary, with some punctuation and accents."""
    rng = random.Random(SEED)
    vocabulary = (model / "vocab.txt").read_text(encoding="utf-8").split("\n")
    starts = [token for token in vocabulary if token.isascii() and token.isalpha()]
    ends = [token[2:] for token in vocabulary if token.startswith("##") and token[2:].isalpha()]

    def word() -> str:
        text = rng.choice(starts)
        if rng.random() < 0.15:
            text += rng.choice(ends)
        if rng.random() < 0.1:
            text = text.capitalize()
        if rng.random() < 0.005:
            text += "é"
        return text + rng.choices(["", ",", ".", "-"], [85, 6, 6, 3])[0]

    def words(number: int) -> str:
        return " ".join(word() for _ in range(number))

    return [
        {"title": words(rng.randint(5, 15)), "abstract": words(rng.randint(100, 250))}
        for _ in range(count)
    ]


def read_papers(path: Path) -> list[dict[str, str]]:
    """Returns the papers of a JSONL file."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def reference(model: Path) -> BertWordPieceTokenizer:
    """Returns the same tokenizer from `tokenizers`."""
    config = model / "tokenizer_config.json"
    lowercase = True
    if config.exists():
        lowercase = json.loads(config.read_text(encoding="utf-8")).get("do_lower_case", True)
    tokenizer = BertWordPieceTokenizer(str(model / "vocab.txt"), lowercase=lowercase)
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


def seconds(action: Callable[[], object]) -> float:
    """Returns how long an action takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def compare(binary: Path, model: Path, papers: Path, rounds: int) -> dict[str, float]:
    """Returns the medians of both sides over `rounds` alternations."""
    texts = [f"{p['title']} [SEP] {p.get('abstract') or ''}" for p in read_papers(papers)]
    tokenizer = reference(model)
    tokens = sum(len(encoding.ids) for encoding in tokenizer.encode_batch(texts))
    loop: list[float] = []
    batch: list[float] = []
    ours: list[float] = []
    for _ in range(rounds):
        loop.append(seconds(lambda: [tokenizer.encode(text) for text in texts]))
        batch.append(seconds(lambda: tokenizer.encode_batch(texts)))
        command = [str(binary), str(papers), str(model), "5"]
        result = subprocess.run(command, check=True, capture_output=True, text=True)
        report = json.loads(result.stdout)
        if report["tokens"] != tokens:
            raise SystemExit(f"{report['tokens']} tokens, where `tokenizers` has {tokens}")
        ours.append(report["median_s"])
    best = min(statistics.median(loop), statistics.median(batch))
    return {
        "texts": len(texts),
        "tokens": tokens,
        "tokenizers_encode_s": statistics.median(loop),
        "tokenizers_encode_batch_s": statistics.median(batch),
        "tokenizers_tokens_per_s": tokens / best,
        "scimult_s": statistics.median(ours),
        "scimult_tokens_per_s": tokens / statistics.median(ours),
        "ratio": best / statistics.median(ours),
    }


def main() -> None:
    """Reads the options and prints the comparison."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", type=Path, required=True, help="a folder with vocab.txt")
    parser.add_argument("--papers", type=Path, help="JSONL; without it, synthetic papers")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--binary", type=Path, default=ROOT / ".build/release/tokenizer-benchmark")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        papers = options.papers
        if papers is None:
            papers = Path(folder) / "papers.jsonl"
            lines = (json.dumps(paper) for paper in synthetic_papers(options.model, 2000))
            papers.write_text("\n".join(lines), encoding="utf-8")
        print(json.dumps(compare(options.binary, options.model, papers, options.rounds), indent=2))


if __name__ == "__main__":
    main()
