"""A model of BERT-base's shape with random weights: as fast as a real one, made in seconds."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

SEED = 0
LAYERS = 12
HIDDEN = 768
HEADS = 12
MIDDLE = 3072
POSITIONS = 512
SPREAD = 0.02

Shape = tuple[int, ...]


def make_bert_base(vocabulary: Path, cache: Path) -> Path:
    """Returns the model's folder, made once in `cache` for the words of a `vocab.txt`."""
    digest = hashlib.sha256(vocabulary.read_bytes()).hexdigest()
    folder = cache / f"bert-base-{digest[:8]}"
    if (folder / "model.safetensors").exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(vocabulary, folder / "vocab.txt")
    words = len(vocabulary.read_text(encoding="utf-8").removesuffix("\n").split("\n"))
    config = {
        "architectures": ["BertModel"],
        "hidden_act": "gelu",
        "hidden_size": HIDDEN,
        "intermediate_size": MIDDLE,
        "layer_norm_eps": 1e-12,
        "max_position_embeddings": POSITIONS,
        "model_type": "bert",
        "num_attention_heads": HEADS,
        "num_hidden_layers": LAYERS,
        "type_vocab_size": 2,
        "vocab_size": words,
    }
    (folder / "config.json").write_text(json.dumps(config, indent=2), encoding="utf-8")
    write_safetensors(folder / "model.safetensors", dict(shapes(words)))
    return folder


def shapes(words: int) -> Iterator[tuple[str, Shape]]:
    """Yields the names and shapes of all tensors."""
    yield "embeddings.word_embeddings.weight", (words, HIDDEN)
    yield "embeddings.position_embeddings.weight", (POSITIONS, HIDDEN)
    yield "embeddings.token_type_embeddings.weight", (2, HIDDEN)
    yield from layer_norm("embeddings.LayerNorm")
    for number in range(LAYERS):
        layer = f"encoder.layer.{number}"
        for part in ("query", "key", "value"):
            yield from linear(f"{layer}.attention.self.{part}", HIDDEN, HIDDEN)
        yield from linear(f"{layer}.attention.output.dense", HIDDEN, HIDDEN)
        yield from layer_norm(f"{layer}.attention.output.LayerNorm")
        yield from linear(f"{layer}.intermediate.dense", MIDDLE, HIDDEN)
        yield from linear(f"{layer}.output.dense", HIDDEN, MIDDLE)
        yield from layer_norm(f"{layer}.output.LayerNorm")


def linear(name: str, outputs: int, inputs: int) -> Iterator[tuple[str, Shape]]:
    """Yields the tensors of a linear layer."""
    yield f"{name}.weight", (outputs, inputs)
    yield f"{name}.bias", (outputs,)


def layer_norm(name: str) -> Iterator[tuple[str, Shape]]:
    """Yields the tensors of a LayerNorm."""
    yield f"{name}.weight", (HIDDEN,)
    yield f"{name}.bias", (HIDDEN,)


def write_safetensors(path: Path, tensors: dict[str, Shape]) -> None:
    """Writes random tensors one by one, in the format of safetensors."""
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    offset = 0
    for name, shape in tensors.items():
        end = offset + 4 * int(np.prod(shape))
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    random = np.random.default_rng(SEED)
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        file.write(len(text).to_bytes(8, "little"))
        file.write(text)
        for name, shape in tensors.items():
            file.write(random_tensor(random, name, shape).tobytes())
    partial.rename(path)


def random_tensor(random: np.random.Generator, name: str, shape: Shape) -> npt.NDArray[np.float32]:
    """Returns values like BERT's initial ones, so that activations neither overflow nor vanish."""
    if name.endswith("LayerNorm.weight"):
        return np.ones(shape, np.float32)
    return random.standard_normal(shape, np.float32) * np.float32(SPREAD)
