"""Writes model folders: configuration, vocabulary, and weights as each library saves them."""

import json
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from reference_encoder import Shape

ROLES = {"query": "question_model", "candidate": "ctx_model"}


def write_json(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def write_config(folder: Path, shape: Shape, vocabulary_size: int, **changes: Any) -> None:
    config = {
        "architectures": ["BertModel"],
        "hidden_act": "gelu",
        "hidden_size": shape.hidden_size,
        "intermediate_size": shape.intermediate_size,
        "layer_norm_eps": shape.layer_norm_eps,
        "max_position_embeddings": shape.max_position_embeddings,
        "model_type": "bert",
        "num_attention_heads": shape.num_attention_heads,
        "num_hidden_layers": shape.num_hidden_layers,
        "pad_token_id": 0,
        "position_embedding_type": "absolute",
        "type_vocab_size": 2,
        "vocab_size": vocabulary_size,
    }
    write_json(folder / "config.json", config | changes)


def write_vocabulary(folder: Path, vocabulary: list[str], *, lowercase: bool = True) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.txt").write_text("".join(f"{token}\n" for token in vocabulary))
    write_json(
        folder / "tokenizer_config.json",
        {"do_lower_case": lowercase, "tokenizer_class": "BertTokenizer"},
    )


def write_modules(folder: Path, kinds: list[str]) -> None:
    """Write sentence-transformers' list of modules: the encoder, then these."""
    modules = [("", "Transformer"), *((f"{i}_{kind}", kind) for i, kind in enumerate(kinds, 1))]
    write_json(
        folder / "modules.json",
        [
            {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for i, (path, kind) in enumerate(modules)
        ],
    )


def encoder_params(**changes: Any) -> dict[str, Any]:
    """Return the settings that the original trainer stores with the tensors of a plain BERT."""
    params = {
        "use_moe": False,
        "num_expert": 1,
        "use_infer_expert": False,
        "per_layer_gating": False,
        "moe_type": "mod3",
        "mean_pool": False,
        "factor_rep": False,
        "pretrained_model_cfg": "bert-tiny-random",
        "projection_dim": 0,
        "shared_encoder": True,
        "q_rep_method": "start_end_sum",
        "sequence_length": 24,
    }
    return params | changes


def model_dict(encoders: Mapping[str, Mapping[str, Tensor]]) -> "OrderedDict[str, Tensor]":
    """Return the tensors of both roles under the checkpoint's names."""
    return OrderedDict(
        (f"{ROLES[role]}.encoder.{name}", tensor)
        for role, tensors in encoders.items()
        for name, tensor in tensors.items()
    )


def save_checkpoint(
    folder: Path, tensors: Mapping[str, Tensor], params: Any, *, legacy: bool = False
) -> None:
    checkpoint = {
        "model_dict": tensors,
        "optimizer_dict": {"state": {}, "param_groups": [{"lr": 2e-05, "betas": (0.9, 0.999)}]},
        "scheduler_dict": {"last_epoch": 7, "_last_lr": [1e-05]},
        "offset": 0,
        "epoch": 3,
        "encoder_params": params,
    }
    path = folder / "scimult.ckpt"
    torch.save(checkpoint, path, _use_new_zipfile_serialization=not legacy)


_device_tag: str | None = None
torch.serialization.register_package(0, lambda _: _device_tag, lambda *_: None)


@contextmanager
def cuda_tags() -> Iterator[None]:
    """Let torch.save tag every storage "cuda:0", without a GPU."""
    global _device_tag
    _device_tag = "cuda:0"
    try:
        yield
    finally:
        _device_tag = None
