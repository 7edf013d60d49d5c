"""A small random base model saved by transformers, and the texts of the tests."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from transformers import (
    AutoTokenizer,
    BertConfig,
    BertModel,
    BertTokenizerFast,
    DistilBertConfig,
    DistilBertModel,
    PreTrainedModel,
)

from small_vocabulary import small_vocabulary

HIDDEN = 64
LAYERS = 4
POSITIONS = 128
EXAMPLES = Path(__file__).resolve().parents[3] / "examples/papers.jsonl"

Document = str | dict[str, str]

#: Papers, truncated or not, with an abstract and without, and texts.
DOCUMENTS: list[Document] = [
    *(
        {"title": paper["title"], "abstract": paper["abstract"][:200]}
        for paper in map(json.loads, EXAMPLES.read_text().splitlines()[:6])
    ),
    {"title": "The wind carries spores of ferns", "abstract": ""},
    "graph models for papers",
    "retrieval",
    "",
]


def randomised(
    named: Iterable[tuple[str, torch.nn.Parameter]], seed: str = "", spread: float = 1.2
) -> None:
    """Draws parameters by their names, so that each matters, including adapters and biases.

    With a larger spread, attention of some texts becomes too sharp for int8.
    """
    for name, parameter in named:
        drawn = torch.Generator().manual_seed(zlib.crc32(f"{seed} {name}".encode()))
        values = torch.randn(parameter.shape, generator=drawn)
        if parameter.dim() > 1:
            values *= 1 if "embeddings" in name else spread * parameter.shape[-1] ** -0.5
        elif name.endswith("weight"):
            values = 1 + values / 5
        else:
            values /= 5
        parameter.data = values.to(parameter.dtype)


def save_tokenizer(folder: Path) -> None:
    """A real WordPiece tokenizer of a few hundred tokens."""
    file = folder / "vocab.txt"
    file.write_text("".join(f"{token}\n" for token in small_vocabulary()), encoding="utf-8")
    BertTokenizerFast(str(file), model_max_length=POSITIONS).save_pretrained(folder)


def save_base(
    folder: Path, seed: str = "base", *, kind: type[PreTrainedModel] = BertModel, **config: Any
) -> Path:
    """Saves a folder with an encoder and its tokenizer."""
    folder.mkdir(parents=True)
    shape: dict[str, Any] = {
        "vocab_size": len(small_vocabulary()),
        "max_position_embeddings": POSITIONS,
    }
    if kind is DistilBertModel:
        shape |= {"dim": HIDDEN, "n_layers": LAYERS, "n_heads": 4, "hidden_dim": 128}
        model = kind(DistilBertConfig(**shape | config))
    else:
        shape |= {
            "hidden_size": HIDDEN,
            "num_hidden_layers": LAYERS,
            "num_attention_heads": 4,
            "intermediate_size": 128,
        }
        model = kind(BertConfig(**shape | config))
    randomised(model.named_parameters(), seed)
    model.save_pretrained(folder)
    save_tokenizer(folder)
    return folder


def batch(folder: Path, documents: Iterable[Document], *, types: bool = False) -> Any:
    """Reads documents as in SPECTER2's model card: title + [SEP] + abstract, without types."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    texts = [
        one if isinstance(one, str) else one["title"] + tokenizer.sep_token + one["abstract"]
        for one in documents
    ]
    return tokenizer(
        texts,
        padding=True,
        truncation=True,
        return_tensors="pt",
        return_token_type_ids=types,
        max_length=POSITIONS,
    )
