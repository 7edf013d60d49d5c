"""Makes encoders of BERT-base's shape with random weights, and adapters for them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

LAYERS, HIDDEN, WIDE, TOKENS, POSITIONS = 12, 768, 3_072, 31_090, 512
#: SPECTER2's names, which need no scimult.json.
ADAPTERS = ("proximity", "adhoc_query", "classification", "regression")
LINEAR_LAYERS = {
    "attention.self.query": (HIDDEN, HIDDEN),
    "attention.self.key": (HIDDEN, HIDDEN),
    "attention.self.value": (HIDDEN, HIDDEN),
    "attention.output.dense": (HIDDEN, HIDDEN),
    "intermediate.dense": (WIDE, HIDDEN),
    "output.dense": (HIDDEN, WIDE),
}
#: The common part of the adapters' configurations.
BOTTLENECK = {"output_adapter": True, "non_linearity": "relu", "reduction_factor": 16}
SEQ_BN = BOTTLENECK | {"mh_adapter": False, "original_ln_before": True}
DOUBLE_SEQ_BN = BOTTLENECK | {"mh_adapter": True}

Tensors = dict[str, NDArray[np.float32]]


class Drawer:
    """Draws random values of tensors."""

    def __init__(self, seed: int) -> None:
        self._generator = np.random.default_rng(seed)

    def linear(self, name: str, outputs: int, inputs: int) -> Tensors:
        return {
            f"{name}.weight": self._normal((outputs, inputs), 0.02),
            f"{name}.bias": self._normal((outputs,), 0.02),
        }

    def matrix(self, rows: int, columns: int) -> NDArray[np.float32]:
        return self._normal((rows, columns), 0.02)

    def norm(self, name: str) -> Tensors:
        return {
            f"{name}.weight": 1 + self._normal((HIDDEN,), 0.1),
            f"{name}.bias": self._normal((HIDDEN,), 0.02),
        }

    def _normal(self, shape: tuple[int, ...], scale: float) -> NDArray[np.float32]:
        return self._generator.standard_normal(shape, dtype=np.float32) * np.float32(scale)


def write_base(folder: Path) -> None:
    """Writes the common encoder of all models."""
    draw = Drawer(1)
    tensors = {
        "embeddings.word_embeddings.weight": draw.matrix(TOKENS, HIDDEN),
        "embeddings.position_embeddings.weight": draw.matrix(POSITIONS, HIDDEN),
        "embeddings.token_type_embeddings.weight": draw.matrix(2, HIDDEN),
        **draw.norm("embeddings.LayerNorm"),
    }
    for layer in range(LAYERS):
        for name, (outputs, inputs) in LINEAR_LAYERS.items():
            tensors |= draw.linear(f"encoder.layer.{layer}.{name}", outputs, inputs)
        for name in ("attention.output.LayerNorm", "output.LayerNorm"):
            tensors |= draw.norm(f"encoder.layer.{layer}.{name}")
    folder.mkdir(parents=True)
    config = {
        "model_type": "bert",
        "hidden_size": HIDDEN,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": 12,
        "intermediate_size": WIDE,
        "vocab_size": TOKENS,
        "max_position_embeddings": POSITIONS,
    }
    (folder / "config.json").write_text(json.dumps(config))
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    words += [f"w{number}" for number in range(TOKENS - len(words))]
    (folder / "vocab.txt").write_text("\n".join(words) + "\n")
    write_safetensors(folder / "model.safetensors", tensors)


def write_bottlenecks(base: Path, folder: Path, config: dict[str, object], width: int) -> None:
    """Writes the encoder with bottleneck adapters."""
    places = ["output"] + (["attention.output"] if config["mh_adapter"] else [])
    for seed, (name, adapter) in enumerate(_adapters(base, folder)):
        draw = Drawer(seed)
        tensors: Tensors = {}
        for layer in range(LAYERS):
            for place in places:
                module = f"bert.encoder.layer.{layer}.{place}.adapters.{name}"
                tensors |= draw.linear(f"{module}.adapter_down.0", width, HIDDEN)
                tensors |= draw.linear(f"{module}.adapter_up", HIDDEN, width)
        about = {"config": config, "name": name, "version": "adapters.1.3.0"}
        (adapter / "adapter_config.json").write_text(json.dumps(about))
        write_safetensors(adapter / "adapter.safetensors", tensors)


def write_low_rank(base: Path, folder: Path, rank: int) -> None:
    """Writes the encoder with LoRA adapters for every linear layer."""
    for seed, (_, adapter) in enumerate(_adapters(base, folder)):
        draw = Drawer(seed)
        tensors: Tensors = {}
        for layer in range(LAYERS):
            for name, (outputs, inputs) in LINEAR_LAYERS.items():
                module = f"base_model.model.encoder.layer.{layer}.{name}"
                tensors[f"{module}.lora_A.weight"] = draw.matrix(rank, inputs)
                tensors[f"{module}.lora_B.weight"] = draw.matrix(outputs, rank)
        about = {"peft_type": "LORA", "r": rank, "lora_alpha": rank}
        (adapter / "adapter_config.json").write_text(json.dumps(about))
        write_safetensors(adapter / "adapter_model.safetensors", tensors)


def _adapters(base: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    """Links the encoder's files, and makes a folder for each adapter."""
    folder.mkdir()
    for file in base.iterdir():
        (folder / file.name).symlink_to(file)
    for name in ADAPTERS:
        adapter = folder / "adapters" / name
        adapter.mkdir(parents=True)
        yield name, adapter


def write_safetensors(path: Path, tensors: Tensors) -> None:
    header: dict[str, object] = {}
    end = 0
    for name, tensor in tensors.items():
        start, end = end, end + tensor.nbytes
        header[name] = {"dtype": "F32", "shape": tensor.shape, "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for tensor in tensors.values():
            file.write(tensor.tobytes())
