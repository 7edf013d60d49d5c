"""Weights in all forms that the libraries save give the same vectors; also a merged adapter."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Dense

from served_vectors import assert_near, assert_same, of_sentence_transformers, served
from small_models import HIDDEN, plain_folder, sentence_transformer

TEXTS = ["graph models for papers", "The wind carries spores of 3 ferns", "a study " * 60]


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """A model of sentence-transformers with a dense layer, in fp32 and one file."""
    plain = plain_folder(tmp_path_factory.mktemp("plain"))
    folder = tmp_path_factory.mktemp("whole")
    sentence_transformer(plain, Dense(HIDDEN, 24)).save(str(folder))
    return folder


@pytest.fixture
def copy(whole, tmp_path) -> Path:
    """A copy of it, whose weights a test saves in another form."""
    return Path(shutil.copytree(whole, tmp_path / "model"))


def in_shards(folder: Path) -> None:
    model = SentenceTransformer(str(folder), device="cpu")
    (folder / "model.safetensors").unlink()
    model[0].auto_model.save_pretrained(folder, max_shard_size="20KB")
    assert len(list(folder.glob("model-*-of-*.safetensors"))) > 2


def pickled(*, zipped: bool) -> Callable[[Path], None]:
    def save(folder: Path) -> None:
        for part in (folder, folder / "2_Dense"):
            weights = part / "model.safetensors"
            tensors = load_file(weights)
            weights.unlink()
            torch.save(tensors, part / "pytorch_model.bin", _use_new_zipfile_serialization=zipped)

    return save


def by_the_library_s_own_pickle(folder: Path) -> None:
    """Only the dense layer: transformers 5 does not pickle weights."""
    model = SentenceTransformer(str(folder), device="cpu")
    shutil.rmtree(folder)
    model.save(str(folder), safe_serialization=False)
    assert (folder / "2_Dense/pytorch_model.bin").exists()


FORMS: dict[str, Callable[[Path], None]] = {
    "shards": in_shards,
    "pickle": pickled(zipped=True),
    "pickle-of-before-torch-1.6": pickled(zipped=False),
    "library-s-pickle": by_the_library_s_own_pickle,
}


@pytest.mark.parametrize("form", FORMS)
def test_forms(command, whole, copy, tmp_path, form):
    FORMS[form](copy)
    expected = of_sentence_transformers(copy, TEXTS)
    assert_same(expected, of_sentence_transformers(whole, TEXTS))
    assert_same(served(command, copy, TEXTS), expected)
    command("convert", copy, "-o", tmp_path / "converted", "--precision", "fp32").succeed()
    assert_same(served(command, tmp_path / "converted", TEXTS), expected)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_floats(command, whole, tmp_path, dtype):
    folder = tmp_path / "model"
    SentenceTransformer(str(whole), device="cpu").to(dtype).save(str(folder))
    stored = load_file(folder / "model.safetensors")
    assert {tensor.dtype for tensor in stored.values()} == {dtype}
    expected = of_sentence_transformers(folder, TEXTS)
    assert_same(served(command, folder, TEXTS), expected)
    assert_near(served(command, folder, TEXTS, precision="int8"), expected)


REVISION = "0123456789abcdef" * 2 + "01234567"


@pytest.mark.parametrize("place", ["", f"snapshots/{REVISION}"])
def test_the_hub_s_cache(command, whole, tmp_path, place):
    cached = tmp_path / "models--lab--encoder"
    snapshot = cached / "snapshots" / REVISION
    (cached / "blobs").mkdir(parents=True)
    (cached / "refs").mkdir()
    (cached / "refs/main").write_text(REVISION)
    files = [path for path in sorted(whole.rglob("*")) if path.is_file()]
    for number, path in enumerate(files):
        blob = cached / f"blobs/{number:040x}"
        shutil.copy(path, blob)
        link = snapshot / path.relative_to(whole)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(os.path.relpath(blob, link.parent))
    # The library finds it by its name.
    found = SentenceTransformer(
        "lab/encoder", cache_folder=str(tmp_path), local_files_only=True, device="cpu"
    )
    assert_same(served(command, cached / place, TEXTS), of_sentence_transformers(found, TEXTS))


def low_rank_tensors() -> dict[str, torch.Tensor]:
    """A low-rank product next to each query projection, with peft's names."""
    start = "base_model.model.encoder.layer"
    return {
        f"{start}.{layer}.attention.self.query.lora_{side}.weight": torch.ones(shape)
        for layer in range(2)
        for side, shape in (("A", (4, HIDDEN)), ("B", (HIDDEN, 4)))
    }


ADAPTER = {
    "base_model_name_or_path": "lab/encoder",
    "bias": "none",
    "inference_mode": True,
    "lora_alpha": 8,
    "peft_type": "LORA",
    "r": 4,
    "target_modules": ["query"],
    "task_type": "FEATURE_EXTRACTION",
}


def add_adapter(folder: Path) -> None:
    (folder / "adapter_config.json").write_text(json.dumps(ADAPTER))
    save_file(low_rank_tensors(), folder / "adapter_model.safetensors")


def test_an_adapter_of_peft_beside_the_weights_is_merged(command, copy, tmp_path):
    """transformers applies it by default if peft is installed."""
    merged = shutil.copytree(copy, tmp_path / "merged")
    add_adapter(copy)
    tensors = load_file(merged / "model.safetensors")
    low_rank, scale = low_rank_tensors(), ADAPTER["lora_alpha"] / ADAPTER["r"]
    for layer in range(2):
        module = f"encoder.layer.{layer}.attention.self.query"
        a, b = (low_rank[f"base_model.model.{module}.lora_{side}.weight"] for side in "AB")
        tensors[f"{module}.weight"] += scale * b @ a
    save_file(tensors, merged / "model.safetensors")
    expected = of_sentence_transformers(merged, TEXTS)
    assert_same(served(command, merged, TEXTS), expected)
    assert_same(served(command, copy, TEXTS), expected)


def test_an_adapter_of_peft_in_the_place_of_the_weights_is_refused(command, copy):
    add_adapter(copy)
    (copy / "model.safetensors").unlink()
    line = command("inspect", copy).fail_in_one_line(1)
    assert str(copy) in line
    assert "adapter_model.safetensors" in line
    assert "model.safetensors or pytorch_model.bin" in line


def test_weights_with_an_adapter_inside_are_refused(command, copy):
    """save_pretrained of a model that peft wrapped."""
    tensors = load_file(copy / "model.safetensors")
    name = "encoder.layer.0.attention.self.query"
    for part in ("weight", "bias"):
        tensors[f"{name}.base_layer.{part}"] = tensors.pop(f"{name}.{part}")
    tensors[f"{name}.lora_A.default.weight"] = torch.ones(4, HIDDEN)
    tensors[f"{name}.lora_B.default.weight"] = torch.ones(HIDDEN, 4)
    save_file(tensors, copy / "model.safetensors")
    assert name in command("inspect", copy).fail_in_one_line(1)


def test_bottlenecks_that_config_json_does_not_know_are_refused(command, copy):
    tensors = load_file(copy / "model.safetensors")
    name = "encoder.layer.0.output.adapters.search.adapter_down.0.weight"
    tensors[name] = torch.ones(4, HIDDEN)
    save_file(tensors, copy / "model.safetensors")
    assert name in command("inspect", copy).fail_in_one_line(1)
