"""Folders saved only by transformers' save_pretrained: the embedding is the first token's state."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tokenizers import AddedToken
from transformers import (
    BertForMaskedLM,
    BertForSequenceClassification,
    BertModel,
    BertTokenizer,
    DistilBertForMaskedLM,
    DistilBertModel,
)

from served_vectors import assert_near, assert_same, differ, of_transformers, served
from small_models import CONFIGS, SHAPES, encoder, plain_folder, randomised, tokenizer

TEXTS = ["graph models for papers", "The wind carries spores of 3 ferns", "a study " * 60]

ENCODERS: dict[str, dict[str, Any]] = {
    **{
        activation: {"hidden_act": activation}
        for activation in (
            *("relu", "gelu_new", "gelu_fast", "gelu_pytorch_tanh"),
            *("silu", "swish", "tanh", "leaky_relu"),
        )
    },
    "epsilon": {"layer_norm_eps": 0.1},
    "one-token-type": {"type_vocab_size": 1},
    "more-heads": {"num_attention_heads": 8},
    "feed-forward": {"intermediate_size": 96},
    "layers": {"num_hidden_layers": 3},
    "hidden": {"hidden_size": 48},
    "distilbert": {"kind": DistilBertModel},
    "distilbert-relu": {"kind": DistilBertModel, "activation": "relu"},
    "distilbert-sinusoidal": {"kind": DistilBertModel, "sinusoidal_pos_embds": True},
}


@pytest.mark.parametrize("name", ENCODERS)
def test_encoders(command, tmp_path, name):
    folder = plain_folder(tmp_path / "model", **ENCODERS[name])
    converted = tmp_path / "converted"
    command("convert", folder, "-o", converted, "--precision", "fp32").succeed()
    expected = of_transformers(folder, TEXTS)
    if name != "one-token-type":
        assert differ(expected, of_transformers(plain_folder(tmp_path / "without"), TEXTS))
    assert_same(served(command, folder, TEXTS), expected)
    assert_same(served(command, converted, TEXTS), expected)
    assert_near(served(command, folder, TEXTS, precision="int8"), expected)


@pytest.mark.parametrize("activation", ["gelu_10", "quick_gelu", "mish", "sigmoid"])
def test_another_activation_is_refused(command, tmp_path, activation):
    folder = plain_folder(tmp_path, hidden_act=activation)
    assert activation in command("inspect", folder).fail_in_one_line(1)


@pytest.mark.parametrize(
    ("kind", "base"),
    [
        (BertForMaskedLM, BertModel),
        (BertForSequenceClassification, BertModel),
        (DistilBertForMaskedLM, DistilBertModel),
    ],
)
def test_heads_are_left_alone(command, tmp_path, kind, base):
    reads = tokenizer()
    config = CONFIGS[base](**SHAPES[base], max_position_embeddings=64, vocab_size=len(reads))
    randomised(kind(config)).save_pretrained(tmp_path)
    reads.save_pretrained(tmp_path)
    assert_same(served(command, tmp_path, TEXTS), of_transformers(tmp_path, TEXTS))


def with_added_tokens(*tokens: str | AddedToken) -> BertTokenizer:
    reads = tokenizer()
    reads.add_tokens(list(tokens))
    return reads


def with_special_tokens() -> BertTokenizer:
    reads = tokenizer()
    reads.add_special_tokens({"additional_special_tokens": ["[QRY]", "[DOC]"]})
    return reads


ADDED = [
    "graph[CITE] models [cite]",
    "[QRY] a kinase [DOC]the wind[QRY]",
    "kinase MRKinase kinases",
]
ACCENTS = ["Études sur Å et é", "中文 models 文", "GRAPH Models"]

# A tokenizer, texts that it reads differently, and the tokenizer with which it is compared.
TOKENIZERS: dict[str, tuple[Callable[[], BertTokenizer], list[str]]] = {
    "length": (lambda: tokenizer(model_max_length=16), TEXTS[2:]),
    "cut-on-the-left": (
        lambda: tokenizer(model_max_length=16, truncation_side="left"),
        ["paper " * 12 + "wind " * 12, "the wind " * 12 + "x"],
    ),
    "cased": (lambda: tokenizer(cased=True), ["Graph Models", "THE Wind"]),
    "accents-kept": (lambda: tokenizer(strip_accents=False), ACCENTS[:1]),
    "accents-stripped-of-cased": (lambda: tokenizer(cased=True, strip_accents=True), ACCENTS[:1]),
    "ideographs-in-words": (lambda: tokenizer(tokenize_chinese_chars=False), ["中文 文中"]),
    "added": (lambda: with_added_tokens("[CITE]", "kinase"), [ADDED[0], ADDED[2]]),
    "added-word": (
        lambda: with_added_tokens(AddedToken("kinase", single_word=True, normalized=True)),
        ADDED[2:],
    ),
    "added-as-it-stands": (
        lambda: with_added_tokens(AddedToken("Kinase", normalized=False)),
        ["Kinase kinase KINASE"],
    ),
    "added-with-spaces": (
        lambda: with_added_tokens(AddedToken("[CITE]", lstrip=True, rstrip=True)),
        ["graph  [CITE]  models"],
    ),
    "special": (with_special_tokens, ADDED[1:2]),
    "special-of-other-names": (
        lambda: tokenizer(cls_token="[MASK]", mask_token="[CLS]"),
        ["graph models"],
    ),
}


@pytest.mark.parametrize("name", TOKENIZERS)
def test_tokenizers(command, tmp_path, name):
    make, own = TOKENIZERS[name]
    folder = saved(tmp_path / "model", make())
    converted = tmp_path / "converted"
    command("convert", folder, "-o", converted, "--precision", "fp32").succeed()
    assert differ(
        of_transformers(folder, own), of_transformers(saved(tmp_path / "without", tokenizer()), own)
    )
    for texts in (own, TEXTS, ADDED, ACCENTS):
        expected = of_transformers(folder, texts)
        assert_same(served(command, folder, texts), expected)
        assert_same(served(command, converted, texts), expected)


def saved(folder: Path, reads: BertTokenizer) -> Path:
    """Saves an encoder with embeddings for the added tokens, and unused ones."""
    model: BertModel = encoder(vocabulary_size=len(tokenizer()))
    model.resize_token_embeddings(400, mean_resizing=False)
    randomised(model).save_pretrained(folder)
    reads.save_pretrained(folder)
    return folder


def test_embeddings_that_were_not_resized_are_refused(command, tmp_path):
    encoder(vocabulary_size=len(tokenizer())).save_pretrained(tmp_path)
    with_special_tokens().save_pretrained(tmp_path)
    line = command("inspect", tmp_path).fail_in_one_line(1)
    assert "[QRY]" in line or "vocab_size" in line
