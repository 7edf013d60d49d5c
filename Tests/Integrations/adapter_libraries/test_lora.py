"""LoRA as peft saves it: next to the weights, or several as experts by task and role."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import peft
import pytest
import torch
from peft import LoraConfig, PeftModel, TaskType, get_peft_model
from transformers import AutoModel, AutoModelForSequenceClassification, DistilBertModel

from served import VALUE_ERROR_MAX, Reference, Use, assert_serves, for_all, served
from small_base import DOCUMENTS, batch, randomised, save_base


def lora(*targets: str, **settings: Any) -> LoraConfig:
    return LoraConfig(**{"r": 4, "lora_alpha": 6, "target_modules": list(targets)} | settings)


QKV = ("query", "key", "value")

CONFIGS: dict[str, LoraConfig] = {
    "default targets": LoraConfig(),
    "query and value": lora("query", "value"),
    "rank of one": lora("query", "value", r=1),
    "rank of all": lora("query", "value", r=64),
    "rank stabilised": lora(*QKV, use_rslora=True, r=8),
    "decomposed": lora(*QKV, "dense", use_dora=True),
    "decomposed and stabilised": lora("dense", use_dora=True, use_rslora=True),
    "all biases": lora("query", "value", bias="all"),
    "its own biases": lora("query", "dense", bias="lora_only"),
    "a bias of the product": lora("query", "dense", lora_bias=True),
    "everything": LoraConfig(r=4, target_modules="all-linear"),
    "an expression": LoraConfig(r=4, target_modules=r".*layer\.[13]\..*(query|dense)"),
    "feed-forward": lora("intermediate.dense", "output.dense"),
    "two layers": lora(*QKV, layers_to_transform=[0, 3]),
    "without one": lora("dense", exclude_modules=["pooler.dense"]),
    "ranks by pattern": lora(*QKV, rank_pattern={"query": 2, "layer.1.attention.self.key": 7}),
    "alphas by pattern": lora(
        *QKV,
        "dense",
        alpha_pattern={".*query": 3, "layer.0.attention.self.query": 9, "output.dense": 5},
    ),
    "dropout": lora("query", "value", lora_dropout=0.4),
    "gaussian": lora("query", "value", init_lora_weights="gaussian"),
    "of features": lora("query", "value", task_type=TaskType.FEATURE_EXTRACTION),
}


def drawn(model: PeftModel, seed: str = "") -> PeftModel:
    """Draws the added parameters, so that they matter: peft's initial products are zero."""
    trained = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    randomised(trained, seed, spread=0.8)
    for name, parameter in trained:
        # Lengths of rows, similar to those of the base.
        if "magnitude" in name:
            parameter.data = parameter.data.abs() + 0.8
    return model.eval()


def vectors(model: Any, folder: Path) -> np.ndarray:
    with torch.no_grad():
        states = model(**batch(folder, DOCUMENTS), output_hidden_states=True)
    return states.hidden_states[-1][:, 0].numpy()


def reference(model: PeftModel, folder: Path) -> Reference:
    """Returns first tokens' states with one of the model's adapters, or with none."""

    def run(adapter: str | None) -> np.ndarray:
        if adapter is None:
            with model.disable_adapter():
                # Trained biases have replaced the model's own, so the base is loaded again.
                return vectors(base, folder)
        model.set_adapter(adapter)
        return vectors(model, folder)

    base = load_base(folder)
    return run


def load_base(folder: Path, kind: Any = AutoModel) -> Any:
    """Loads the encoder without an adapter next to it, which transformers would load too."""
    aside = folder.with_name(f"{folder.name} without adapter")
    shutil.copytree(folder, aside, ignore=shutil.ignore_patterns("adapter_*"), dirs_exist_ok=True)
    return kind.from_pretrained(aside).eval()


@pytest.mark.parametrize("safe", [True, False], ids=["safetensors", "bin"])
@pytest.mark.parametrize("name", CONFIGS)
def test_beside_the_weights(start_server, tmp_path, name, safe):
    """save_pretrained in the base's own folder makes the adapter part of the weights."""
    folder = save_base(tmp_path / "model")
    model = drawn(get_peft_model(load_base(folder), CONFIGS[name]))
    model.save_pretrained(folder, safe_serialization=safe)
    assert_serves(start_server, folder, for_all("default"), reference(model, folder))


@pytest.mark.parametrize("name", ["query and value", "decomposed", "a bias of the product"])
def test_the_only_one_under_adapters(start_server, tmp_path, name):
    """A single expert needs no settings: it serves every task."""
    folder = save_base(tmp_path / "model")
    model = drawn(get_peft_model(load_base(folder), CONFIGS[name]))
    model.save_pretrained(folder / "adapters/study")
    assert_serves(start_server, folder, for_all("default"), reference(model, folder))


def test_distilbert(start_server, tmp_path):
    folder = save_base(tmp_path / "model", kind=DistilBertModel)
    config = lora("q_lin", "v_lin", "lin1", use_dora=True)
    model = drawn(get_peft_model(load_base(folder), config))
    model.save_pretrained(folder)
    assert_serves(start_server, folder, for_all("default"), reference(model, folder))


def test_a_classifier(start_server, tmp_path):
    """Its head is saved with the adapter, and does not affect vectors."""
    folder = save_base(tmp_path / "model")
    config = lora("query", "value", task_type=TaskType.SEQ_CLS)
    base = load_base(folder, AutoModelForSequenceClassification)
    model = drawn(get_peft_model(base, config))
    model.save_pretrained(folder)
    assert_serves(start_server, folder, for_all("default"), reference(model, folder))


def test_as_transformers_own_methods_save_it(start_server, tmp_path):
    """With model.add_adapter and model.save_pretrained of transformers, which use peft."""
    folder = save_base(tmp_path / "model")
    model = load_base(folder)
    model.add_adapter(lora("query", "value"))
    randomised((name, p) for name, p in model.named_parameters() if "lora_" in name)
    model.save_pretrained(folder)
    assert (folder / "adapter_config.json").exists()
    plain = vectors(load_base(folder), folder)
    changed = vectors(model.eval(), folder)
    assert_serves(
        start_server,
        folder,
        for_all("default"),
        lambda adapter: plain if adapter is None else changed,
    )


def test_as_transformers_loads_it_unasked(start_server, tmp_path):
    """AutoModel loads an adapter next to the weights, with the base that it names."""
    folder = save_base(tmp_path / "model")
    model = drawn(get_peft_model(load_base(folder), CONFIGS["rank stabilised"]))
    model.save_pretrained(folder)
    plain = vectors(load_base(folder), folder)
    changed = vectors(AutoModel.from_pretrained(folder).eval(), folder)
    assert_serves(
        start_server,
        folder,
        for_all("default"),
        lambda adapter: plain if adapter is None else changed,
    )


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=["float16", "bfloat16"])
def test_half_precision(start_server, tmp_path, dtype):
    """The expected vectors are computed in fp32 from the half-precision weights."""
    folder = save_base(tmp_path / "model")
    load_base(folder).to(dtype).save_pretrained(folder)
    shutil.rmtree(folder.with_name(f"{folder.name} without adapter"))
    model = drawn(get_peft_model(load_base(folder), CONFIGS["query and value"])).to(dtype)
    model.save_pretrained(folder)
    assert_serves(start_server, folder, for_all("default"), reference(model.float(), folder))


def test_merged(start_server, tmp_path):
    folder = save_base(tmp_path / "model")
    model = drawn(get_peft_model(load_base(folder), CONFIGS["decomposed"]))
    before = reference(model, folder)
    expected = {"default": before("default"), None: before(None)}
    model.merge_and_unload().save_pretrained(folder)
    assert_serves(start_server, folder, for_all("default"), lambda adapter: expected[adapter])


# Several


SEVERAL: dict[str, LoraConfig] = {
    "ask": lora(*QKV, r=8, lora_alpha=8),
    "find": lora("dense", use_dora=True),
    "link": lora("query", "output.dense", layers_to_transform=[1], use_rslora=True),
}
EXPERTS = {
    "search": {"query": "ask", "candidate": "find"},
    "link_prediction": "link",
    "classification": {"query": None, "candidate": "link"},
    "regression": "find",
}


def several(folder: Path) -> PeftModel:
    """Returns one model with all adapters, as peft keeps them."""
    base = load_base(folder)
    model: PeftModel | None = None
    for name, config in SEVERAL.items():
        if model is None:
            model = get_peft_model(base, config, adapter_name=name)
        else:
            model.add_adapter(name, config)
        model.set_adapter(name)
        drawn(model, name)
    assert model is not None
    return model.eval()


def chosen() -> dict[Use, str | None]:
    return {
        (task, role): expert[role] if isinstance(expert, dict) else expert
        for task, expert in EXPERTS.items()
        for role in ("query", "candidate")
    }


@pytest.mark.parametrize("safe", [True, False], ids=["safetensors", "bin"])
def test_several(start_server, tmp_path, safe):
    """save_pretrained writes each into a folder with its name."""
    folder = save_base(tmp_path / "model")
    model = several(folder)
    model.save_pretrained(folder / "adapters", safe_serialization=safe)
    (folder / "scimult.json").write_text(json.dumps({"experts": EXPERTS}))
    assert_serves(start_server, folder, chosen(), reference(model, folder))


def test_several_in_one_file(command, start_server, tmp_path):
    folder = save_base(tmp_path / "model")
    model = several(folder)
    model.save_pretrained(tmp_path / "trained")
    words = [
        word
        for (task, role), name in chosen().items()
        for word in ("--expert", f"{task}:{role}={tmp_path / 'trained' / name if name else ''}")
    ]
    file = tmp_path / "model.scimult"
    command("convert", folder, "-o", file, "--precision", "fp32", *words).succeed()
    run = reference(model, folder)
    with_file(start_server, file, run)


def with_file(start_server: Callable[..., Any], file: Path, run: Reference) -> None:
    """A converted file has one precision."""
    server = start_server(model=file, admin="off")
    for use, got in served(server, chosen()).items():
        wanted = run(chosen()[use])
        np.testing.assert_allclose(got, wanted, rtol=0, atol=VALUE_ERROR_MAX, err_msg=str(use))


# Refusals

REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "pissa": (lambda: lora("query", init_lora_weights="pissa"), "init_lora_weights"),
    "olora": (lambda: lora("query", init_lora_weights="olora"), "init_lora_weights"),
    "embeddings": (lambda: lora("word_embeddings", "query"), "lora_embedding"),
    "a norm saved": (lambda: lora("query", modules_to_save=["LayerNorm"]), "LayerNorm"),
    "tokens": (
        lambda: lora("query", trainable_token_indices={"word_embeddings": [1, 2]}),
        "trainable_token_indices",
    ),
    "a layer twice": (
        lambda: lora("query", layer_replication=[(0, 2), (1, 4)]),
        "layer_replication",
    ),
    "ia3": (
        lambda: peft.IA3Config(
            target_modules=["key", "intermediate.dense"], feedforward_modules=["intermediate.dense"]
        ),
        "IA3",
    ),
    "adalora": (
        lambda: peft.AdaLoraConfig(target_modules=["query"], total_step=10, tinit=1, tfinal=2),
        "ADALORA",
    ),
    "loha": (lambda: peft.LoHaConfig(target_modules=["query"]), "LOHA"),
    "vera": (lambda: peft.VeraConfig(target_modules=["query"], r=4), "VERA"),
    "oft": (lambda: peft.OFTConfig(target_modules=["query"], oft_block_size=8), "OFT"),
    "norms": (lambda: peft.LNTuningConfig(target_modules=["LayerNorm"]), "LN_TUNING"),
}


@pytest.mark.parametrize("place", ["", "adapters/study"], ids=["beside", "under adapters"])
@pytest.mark.parametrize("name", REFUSED)
def test_other_kinds_are_refused_by_name(command, tmp_path, name, place):
    config, word = REFUSED[name]
    folder = save_base(tmp_path / "model")
    model = get_peft_model(load_base(folder), config())
    model.save_pretrained(folder / place)
    line = command("inspect", folder).fail_in_one_line(1)
    assert str(folder / place) in line
    assert word in line
