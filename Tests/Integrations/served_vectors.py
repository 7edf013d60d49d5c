"""Compares the real binary's results for a model with a library's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from transformers import AutoModel, AutoTokenizer

from harness.command import Command, json_lines

# Batches contain texts of other lengths, and sums are computed in a different order.
VALUE_ERROR_MAX = 5e-5

# Weights are random and rows short, so rounding errors do not average out as in a trained model.
INT8_COSINE_MIN = 0.9

ROLES = ("query", "candidate")


@dataclass(frozen=True)
class Vectors:
    """Vectors of texts, in their order."""

    values: np.ndarray
    tokens: list[int]


def served(
    command: Command,
    model: Path,
    texts: Sequence[str],
    role: str = "query",
    precision: str = "fp32",
) -> Vectors:
    """Returns the output of `scimult encode`."""
    options = ["--model", model, "--task", "search", "--role", role, "--precision", precision]
    lines = json_lines({"text": text} for text in texts)
    rows = command("encode", *options, stdin=lines).succeed().json_lines()
    values = np.array([row["embedding"] for row in rows], np.float32)
    return Vectors(values, [row["tokens"] for row in rows])


def of_sentence_transformers(
    model: SentenceTransformer | Path, texts: Sequence[str], role: str | None = "query"
) -> Vectors:
    """Returns the result of encode_query or encode_document in fp32; of encode without a role."""
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
    """Returns the state of each text's first token."""
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
    """Asserts equality except for rounding errors."""
    assert got.tokens == expected.tokens
    np.testing.assert_allclose(got.values, expected.values, rtol=0, atol=VALUE_ERROR_MAX)


def assert_near(got: Vectors, expected: Vectors) -> None:
    """Asserts that directions are as close as int8 allows."""
    assert got.tokens == expected.tokens
    products = (got.values * expected.values).sum(axis=1)
    lengths = np.linalg.norm(got.values, axis=1) * np.linalg.norm(expected.values, axis=1)
    assert (products / lengths).min() >= INT8_COSINE_MIN


def differ(left: Vectors, right: Vectors) -> bool:
    """Whether all vectors differ between the models by more than rounding errors."""
    if left.values.shape != right.values.shape:
        return True
    return bool((np.abs(left.values - right.values).max(axis=1) > 3 * VALUE_ERROR_MAX).all())
