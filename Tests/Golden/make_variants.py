"""Make variants/: one tiny random model for each form of a model folder, with its vectors.

Usage: python Tests/Golden/make_variants.py
"""

import json
import shutil
import sys
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from omegaconf import OmegaConf
from safetensors.torch import save_file
from torch import Tensor

from documents import SMALL, Document, Paper, report
from model_folder import (
    cuda_tags,
    encoder_params,
    model_dict,
    save_checkpoint,
    write_config,
    write_json,
    write_modules,
    write_vocabulary,
)
from random_encoder import EXPERTS, RandomEncoder
from reference_encoder import (
    EXPERT_OF_TASK,
    ExpertLayout,
    ReferenceEncoder,
    Shape,
    pool,
    rounded,
)
from reference_tokenizer import ReferenceTokenizer
from small_vocabulary import small_vocabulary
from tensor_views import as_views

FOLDER = Path(__file__).parent / "variants"
ROLES = ("query", "candidate")

INSTRUCTIONS = {
    "search": {"query": "Find papers for this question:", "candidate": "A paper to be found:"},
    "link_prediction": {"query": "Find papers it cites:", "candidate": "A cited paper:"},
    "classification": {"query": "Name the topic:", "candidate": "A topic:"},
}


@dataclass(frozen=True)
class Variant:
    """One model: its shape and its special properties."""

    name: str
    shape: Shape = field(default_factory=Shape)
    moe_type: str | None = None
    vocabulary: list[str] = field(default_factory=small_vocabulary)
    lowercase: bool = True
    max_tokens: int | None = None
    documents: tuple[Document, ...] = SMALL
    pooling: str = "cls"
    separate: bool = False
    instructions: dict[str, dict[str, str]] | None = None
    dtype: torch.dtype = torch.float32
    params: dict[str, Any] = field(default_factory=dict)
    save: Callable[["Variant", Path, dict[str, dict[str, Tensor]]], None] | None = None

    def layout(self) -> ExpertLayout:
        if self.moe_type is None:
            return ExpertLayout()
        return ExpertLayout.parse(self.moe_type, self.shape.num_hidden_layers)

    def encoders(self) -> dict[str, dict[str, Tensor]]:
        """Draw the tensors of each role; both roles of a shared encoder have the same objects."""
        seed = zlib.crc32(self.name.encode())
        size = len(self.vocabulary)
        drawn = []
        for role in range(2 if self.separate else 1):
            tensors = RandomEncoder(seed + role).draw(self.shape, size, self.layout())
            drawn.append(
                {n: t.to(self.dtype) if t.is_floating_point() else t for n, t in tensors.items()}
            )
        return {"query": drawn[0], "candidate": drawn[-1]}

    def requests(self, number: int) -> list[tuple[str, str]]:
        """Return the tasks and roles for document `number`.

        These are all if they matter to the model, else one in turns.
        """
        tasks, roles = tuple(EXPERT_OF_TASK), ROLES
        if not (self.separate or self.instructions):
            roles = (ROLES[number % 2],)
        if not (self.moe_type or self.instructions):
            tasks = (tasks[number % 3],)
        return [(task, role) for task in tasks for role in roles]

    def all_params(self) -> dict[str, Any]:
        experts = {"use_moe": True, "num_expert": EXPERTS, "moe_type": self.moe_type}
        return encoder_params(**(experts if self.moe_type else {}) | self.params)


def save_scimult(variant: Variant, folder: Path, encoders: dict[str, dict[str, Tensor]]) -> None:
    save_checkpoint(folder, model_dict(encoders), variant.all_params())


def save_views(variant: Variant, folder: Path, encoders: dict[str, dict[str, Tensor]]) -> None:
    views = as_views(encoders["query"])
    save_checkpoint(folder, model_dict({"query": views, "candidate": views}), variant.all_params())


def save_tagged_cuda(
    variant: Variant, folder: Path, encoders: dict[str, dict[str, Tensor]]
) -> None:
    """Save as on a machine with a GPU: every storage is tagged with its device."""
    with cuda_tags():
        save_scimult(variant, folder, encoders)


def save_nested(variant: Variant, folder: Path, encoders: dict[str, dict[str, Tensor]]) -> None:
    params = {"do_lower_case": True, "encoder": variant.all_params()}
    save_checkpoint(folder, model_dict(encoders), params)


def save_omegaconf(variant: Variant, folder: Path, encoders: dict[str, dict[str, Tensor]]) -> None:
    save_checkpoint(folder, model_dict(encoders), OmegaConf.create(variant.all_params()))


def save_omegaconf_node(
    variant: Variant, folder: Path, encoders: dict[str, dict[str, Tensor]]
) -> None:
    """Save like the public trainer: a node that still refers to its whole configuration."""
    whole = OmegaConf.create(
        {"seed": 1, "encoder": variant.all_params(), "train": {"betas": [0.9, 0.999], "vat": None}}
    )
    params = {"do_lower_case": True, "encoder": whole.encoder}
    save_checkpoint(folder, model_dict(encoders), params)


def save_unused_heads(
    variant: Variant, folder: Path, encoders: dict[str, dict[str, Tensor]]
) -> None:
    """Save with heads from training that serving does not need."""
    hidden = variant.shape.hidden_size
    tensors = model_dict(encoders)
    tensors["linear.weight"] = torch.ones(hidden, 2 * hidden)
    tensors["linear.bias"] = torch.ones(hidden)
    tensors["span_proj.weight"] = torch.ones(2, hidden)
    tensors["span_query.weight"] = torch.ones(1, hidden)
    tensors["question_model.encode_proj.weight"] = torch.ones(4, hidden)
    save_checkpoint(folder, tensors, variant.all_params())


def save_legacy(variant: Variant, folder: Path, encoders: dict[str, dict[str, Tensor]]) -> None:
    """Save in torch's format before version 1.6."""
    save_checkpoint(folder, model_dict(encoders), variant.all_params(), legacy=True)


def save_safetensors(
    variant: Variant, folder: Path, encoders: dict[str, dict[str, Tensor]]
) -> None:
    save_file(encoders["query"], folder / "model.safetensors", metadata={"format": "pt"})


def with_language_head(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the tensors with the names of BertForPreTraining."""
    head = {
        "cls.predictions.bias": torch.zeros(tensors["embeddings.word_embeddings.weight"].shape[0]),
        "cls.seq_relationship.weight": torch.ones(2, tensors["pooler.dense.bias"].shape[0]),
    }
    return {f"bert.{name}": tensor for name, tensor in tensors.items()} | head


def save_safetensors_prefixed(
    variant: Variant, folder: Path, encoders: dict[str, dict[str, Tensor]]
) -> None:
    save_file(with_language_head(encoders["query"]), folder / "model.safetensors")


def save_pytorch_bin(
    variant: Variant, folder: Path, encoders: dict[str, dict[str, Tensor]]
) -> None:
    torch.save(with_language_head(encoders["query"]), folder / "pytorch_model.bin")


def save_legacy_pytorch_bin(
    variant: Variant, folder: Path, encoders: dict[str, dict[str, Tensor]]
) -> None:
    tensors = with_language_head(encoders["query"])
    path = folder / "pytorch_model.bin"
    torch.save(tensors, path, _use_new_zipfile_serialization=False)


def save_shards(variant: Variant, folder: Path, encoders: dict[str, dict[str, Tensor]]) -> None:
    """Save every other tensor to one file and the rest to another, with transformers' names."""
    tensors = encoders["query"]
    names = sorted(tensors)
    weight_map = {}
    for number in (1, 2):
        shard = f"model-0000{number}-of-00002.safetensors"
        part = {name: tensors[name] for name in names[number - 1 :: 2]}
        save_file(part, folder / shard, metadata={"format": "pt"})
        weight_map |= dict.fromkeys(part, shard)
    size = sum(tensor.nbytes for tensor in tensors.values())
    index = {"metadata": {"total_size": size}, "weight_map": weight_map}
    write_json(folder / "model.safetensors.index.json", index)


def save_tokenizer_json(
    variant: Variant, folder: Path, encoders: dict[str, dict[str, Tensor]]
) -> None:
    """Save a folder without vocab.txt, with a tokenizer.json whose extra settings are ignored."""
    tokenizer = ReferenceTokenizer(variant.vocabulary, variant.lowercase).tokenizer
    tokenizer.enable_truncation(9)
    tokenizer.enable_padding(length=16)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "vocab.txt").unlink()
    (folder / "tokenizer_config.json").unlink()
    save_safetensors(variant, folder, encoders)


def save_sentence_transformers(
    variant: Variant, folder: Path, encoders: dict[str, dict[str, Tensor]]
) -> None:
    save_safetensors(variant, folder, encoders)
    write_modules(folder, ["Pooling"])
    write_json(
        folder / "1_Pooling" / "config.json",
        {
            "word_embedding_dimension": variant.shape.hidden_size,
            "pooling_mode_cls_token": variant.pooling == "cls",
            "pooling_mode_mean_tokens": variant.pooling == "mean",
            "pooling_mode_max_tokens": False,
            "pooling_mode_mean_sqrt_len_tokens": False,
        },
    )
    settings = {"max_seq_length": variant.max_tokens, "do_lower_case": False}
    write_json(folder / "sentence_bert_config.json", settings)


ONE_LAYER = Shape(num_hidden_layers=1)

VARIANTS = [
    # Without experts. Other expert settings are ignored if use_moe is false.
    Variant("vanilla", params={"num_expert": 3, "moe_type": "mod2:attn"}),
    Variant("instruction", ONE_LAYER, instructions=INSTRUCTIONS),
    Variant("mean-pool", ONE_LAYER, pooling="mean+normalize", params={"mean_pool": True}),
    Variant("layer-norm-epsilon", replace(ONE_LAYER, layer_norm_eps=0.05)),
    Variant("unused-heads", ONE_LAYER, save=save_unused_heads),
    # Which layers are task-specific, and which of their parts.
    Variant("mod2-attention-feed-forward", moe_type="mod2:attn+fwd"),
    Variant("mod2-second-colon", moe_type="mod2:attn:fwd"),
    Variant("mod3-attention", Shape(num_hidden_layers=3), "mod3:attn"),
    Variant("mod4-feed-forward", Shape(8, 5, 2, 12), "mod4:fwd"),
    Variant("mod6-attention", Shape(8, 6, 2, 12), "mod6:attn"),
    Variant("mod12-attention", Shape(8, 12, 2, 12), "mod12:attn"),
    Variant("ge6mod3-feed-forward", Shape(8, 9, 2, 12), "ge6mod3:fwd"),
    Variant("le7mod3-attention", Shape(8, 10, 2, 12), "le7mod3:attn"),
    Variant(
        "separate-encoders",
        ONE_LAYER,
        moe_type="le7mod3:attn",
        separate=True,
        params={"shared_encoder": False},
    ),
    # Storage of tensors and settings.
    Variant("float16", ONE_LAYER, moe_type="le7mod3:attn+fwd", dtype=torch.float16),
    Variant(
        "bfloat16-cuda",
        ONE_LAYER,
        moe_type="le7mod3:attn",
        dtype=torch.bfloat16,
        save=save_tagged_cuda,
    ),
    Variant("strided-views", ONE_LAYER, save=save_views),
    Variant("nested-params", ONE_LAYER, moe_type="le7mod3:attn", save=save_nested),
    Variant("omegaconf", ONE_LAYER, moe_type="le7mod3:attn", save=save_omegaconf),
    Variant("omegaconf-nested", ONE_LAYER, moe_type="le7mod3:fwd", save=save_omegaconf_node),
    Variant("legacy", ONE_LAYER, moe_type="le7mod3:attn", save=save_legacy),
    # Shapes that are not multiples of a tile.
    Variant("heads-of-4", Shape(40, 1, 10, 37), "le7mod3:attn", dtype=torch.float16),
    Variant("heads-of-12", Shape(48, 1, 4, 50), dtype=torch.float16),
    Variant("heads-of-20", Shape(60, 1, 3, 30), dtype=torch.float16),
    Variant(
        "long-positions",
        Shape(8, 1, 2, 12, max_position_embeddings=600),
        max_tokens=512,
        documents=(*SMALL, Paper("Results of a Longer Study", report(30))),
    ),
    # Vocabularies.
    Variant("cased", ONE_LAYER, vocabulary=small_vocabulary(cased=True), lowercase=False),
    Variant("biomedbert-specials", ONE_LAYER, vocabulary=small_vocabulary(order="biomedbert")),
    Variant("specials-last", ONE_LAYER, vocabulary=small_vocabulary(order="last")),
    Variant("tokenizer-json", ONE_LAYER, save=save_tokenizer_json),
    # Hugging Face and sentence-transformers folders.
    Variant("bert-safetensors", ONE_LAYER, dtype=torch.bfloat16, save=save_safetensors),
    Variant("bert-safetensors-prefixed", ONE_LAYER, save=save_safetensors_prefixed),
    Variant("bert-pytorch-bin", ONE_LAYER, save=save_pytorch_bin),
    Variant("bert-pytorch-bin-legacy", ONE_LAYER, save=save_legacy_pytorch_bin),
    Variant("bert-shards", ONE_LAYER, save=save_shards),
    Variant("sentence-transformers-cls", ONE_LAYER, max_tokens=24, save=save_sentence_transformers),
    Variant(
        "sentence-transformers-mean",
        ONE_LAYER,
        vocabulary=small_vocabulary(cased=True),
        lowercase=False,
        max_tokens=48,
        pooling="mean",
        save=save_sentence_transformers,
    ),
]


def expected_rows(variant: Variant, encoders: dict[str, dict[str, Tensor]]) -> list[dict[str, Any]]:
    tokenizer = ReferenceTokenizer(variant.vocabulary, variant.lowercase)
    references = {
        role: ReferenceEncoder(tensors, variant.shape, variant.layout())
        for role, tensors in encoders.items()
    }
    rows = []
    for number, document in enumerate(variant.documents):
        for task, role in variant.requests(number):
            text = document.content()
            if variant.instructions is not None:
                text = f"{variant.instructions[task][role]} {text}"
            limit = variant.max_tokens or variant.shape.max_position_embeddings
            tokens = tokenizer.encode(text, limit)
            states = references[role].hidden_states(tokens.input_ids, EXPERT_OF_TASK[task])
            place = {**document.fields(), "task": task, "role": role}
            vector = rounded(pool(states, variant.pooling))
            rows.append({**place, **asdict(tokens), "embedding": vector})
    return rows


def make(variant: Variant) -> None:
    folder = FOLDER / variant.name
    write_config(folder, variant.shape, len(variant.vocabulary))
    write_vocabulary(folder, variant.vocabulary, lowercase=variant.lowercase)
    if variant.instructions is not None:
        write_json(folder / "scimult.json", {"instructions": variant.instructions})
    encoders = variant.encoders()
    (variant.save or save_scimult)(variant, folder, encoders)
    rows = expected_rows(variant, encoders)
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "expected.jsonl").write_text("".join(lines))


def main() -> int:
    shutil.rmtree(FOLDER, ignore_errors=True)
    for variant in VARIANTS:
        make(variant)
    print(f"{len(VARIANTS)} variants")
    return 0


if __name__ == "__main__":
    sys.exit(main())
