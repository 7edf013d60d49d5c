"""What the real binary makes of a model, beside what a library makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from transformers import AutoModel, AutoTokenizer

from harness.command import Command, json_lines

# Texts of other lengths share a batch, and sums are made in another order.
VALUE_ERROR_MAX = 5e-5

# Weights are random and rows short: errors of rounding do not average out as in a trained model.
INT8_COSINE_MIN = 0.9

ROLES = ("query", "candidate")


@dataclass(frozen=True)
class Vectors:
    """Of texts, in their order."""

    values: np.ndarray
    tokens: list[int]


def served(
    command: Command,
    model: Path,
    texts: Sequence[str],
    role: str = "query",
    precision: str = "fp32",
) -> Vectors:
    """What `scimult encode` prints."""
    options = ["--model", model, "--task", "search", "--role", role, "--precision", precision]
    lines = json_lines({"text": text} for text in texts)
    rows = command("encode", *options, stdin=lines).succeed().json_lines()
    values = np.array([row["embedding"] for row in rows], np.float32)
    return Vectors(values, [row["tokens"] for row in rows])


def of_sentence_transformers(
    model: SentenceTransformer | Path, texts: Sequence[str], role: str | None = "query"
) -> Vectors:
    """What encode_query or encode_document makes, in fp32; without a role, encode."""
    if isinstance(model, Path):
        options = {"dtype": torch.float32}
        model = SentenceTransformer(str(model), device="cpu", model_kwargs=options)
    encode, name = {
        "query": (model.encode_query, "query"),
        "candidate": (model.encode_document, "document"),
        None: (model.encode, model.default_prompt_name),
    }[role]
    prompt = model.prompts.get(name, "")
    tokens = [len(model.preprocess([text], prompt=prompt)["input_ids"][0]) for text in texts]
    return Vectors(np.asarray(encode(list(texts)), np.float32), tokens)


def of_transformers(folder: Path, texts: Sequence[str]) -> Vectors:
    """The state of each text's first token."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    values, tokens = [], []
    for text in texts:
        read = tokenizer(text, truncation=True, return_tensors="pt", return_token_type_ids=False)
        with torch.no_grad():
            values.append(model(**read).last_hidden_state[0, 0].numpy())
        tokens.append(read["input_ids"].shape[1])
    return Vectors(np.stack(values), tokens)


def assert_same(got: Vectors, expected: Vectors) -> None:
    """They are equal but for roundings."""
    assert got.tokens == expected.tokens
    np.testing.assert_allclose(got.values, expected.values, rtol=0, atol=VALUE_ERROR_MAX)


def assert_near(got: Vectors, expected: Vectors) -> None:
    """They point the same way, as int8's do."""
    assert got.tokens == expected.tokens
    products = (got.values * expected.values).sum(axis=1)
    lengths = np.linalg.norm(got.values, axis=1) * np.linalg.norm(expected.values, axis=1)
    assert (products / lengths).min() >= INT8_COSINE_MIN


def differ(left: Vectors, right: Vectors) -> bool:
    """Whether no vector is that of the other model: more than roundings apart."""
    if left.values.shape != right.values.shape:
        return True
    return bool((np.abs(left.values - right.values).max(axis=1) > 3 * VALUE_ERROR_MAX).all())
