"""Small random models of transformers and sentence-transformers."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Module, Pooling, Transformer
from transformers import (
    BertConfig,
    BertModel,
    BertTokenizer,
    DistilBertConfig,
    DistilBertModel,
    PreTrainedModel,
)

from small_vocabulary import small_vocabulary

HIDDEN = 32
POSITIONS = 64
SHAPES = {
    BertModel: {
        "hidden_size": HIDDEN,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 64,
    },
    DistilBertModel: {"dim": HIDDEN, "n_layers": 2, "n_heads": 2, "hidden_dim": 64},
}
CONFIGS = {BertModel: BertConfig, DistilBertModel: DistilBertConfig}


def tokenizer(*, cased: bool = False, **settings: Any) -> BertTokenizer:
    """Returns a tokenizer of a few hundred tokens: uncased as BERT's, or cased."""
    ids = {token: index for index, token in enumerate(small_vocabulary(cased=cased))}
    settings = {"do_lower_case": not cased, "model_max_length": POSITIONS} | settings
    return BertTokenizer(vocab=ids, **settings)


def encoder(
    kind: type[PreTrainedModel] = BertModel, *, vocabulary_size: int, **config: Any
) -> PreTrainedModel:
    """Returns an encoder in which every weight matters, the same at each call."""
    shape = SHAPES[kind] | {"max_position_embeddings": POSITIONS, "vocab_size": vocabulary_size}
    return randomised(kind(CONFIGS[kind](**shape | config)))


def randomised(module: torch.nn.Module) -> Any:
    """Returns the module with weights drawn by their names, ready for inference.

    A new module has biases of 0 and norms of 1, so that a lost one would not be noticed.
    """
    for name, parameter in module.named_parameters():
        drawn = torch.Generator().manual_seed(zlib.crc32(name.encode()))
        values = torch.randn(parameter.shape, generator=drawn)
        if parameter.dim() > 1:
            values *= 1 if "embeddings" in name else 1.5 * parameter.shape[-1] ** -0.5
        elif "norm" in name.lower() and name.endswith("weight"):
            values = 1 + values / 4
        else:
            values /= 4
        parameter.data = values.to(parameter.dtype)
    return module.eval()


def plain_folder(
    folder: Path,
    kind: type[PreTrainedModel] = BertModel,
    *,
    reads: BertTokenizer | None = None,
    **config: Any,
) -> Path:
    """Saves a folder with transformers only."""
    reads = reads or tokenizer()
    encoder(kind, vocabulary_size=len(reads), **config).save_pretrained(folder)
    reads.save_pretrained(folder)
    return folder


def sentence_transformer(
    plain: Path, *after: Module, pooling: Any = "mean", **options: Any
) -> SentenceTransformer:
    """Returns the encoder of a plain folder, pooling, and further modules."""
    first = Transformer(str(plain))
    pool = Pooling(first.get_embedding_dimension(), pooling)
    modules = [first, pool, *map(randomised, after)]
    return SentenceTransformer(modules=modules, device="cpu", **options).eval()
