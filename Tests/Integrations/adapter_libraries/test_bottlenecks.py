"""Bottleneck adapters of any configuration: run like the library does, or refused."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import adapters
import pytest
from adapters import AdapterConfig, AutoAdapterModel, BnConfig, DoubleSeqBnConfig, SeqBnConfig
from adapters.composition import Fuse

from served import assert_serves, for_all
from small_base import save_base
from test_specter2 import reference, with_adapters

#: The library's activations that the server supports.
ACTIVATIONS = ["relu", "gelu", "gelu_new", "gelu_fast", "gelu_pytorch_tanh", "swish", "silu"]
ACTIVATIONS += ["tanh", "leakyrelu", "ReLU"]


def drawn(number: int) -> BnConfig:
    """Returns a configuration that the library supports."""
    draw = random.Random(f"bottleneck {number}")
    flags = ("original_ln_before", "original_ln_after", "adapter_residual_before_ln")
    flags += ("ln_before", "ln_after", "mh_adapter", "output_adapter")
    while True:
        options: dict[str, Any] = {flag: draw.random() < 0.5 for flag in flags}
        options["residual_before_ln"] = draw.choice([True, False, "post_add"])
        if options["residual_before_ln"] == "post_add" and not options["original_ln_before"]:
            continue
        # Without any norm, the values grow from layer to layer until fp32 cannot compare them.
        if not (options["original_ln_after"] or options["ln_after"]):
            continue
        if options["mh_adapter"] or options["output_adapter"]:
            break
    return BnConfig(
        **options,
        reduction_factor=draw.choice([2, 4.5, 16, 0.5, {"1": 3, "default": 8}]),
        non_linearity=draw.choice(["relu", "gelu", "gelu_new", "swish", "tanh", "leakyrelu"]),
        scaling=draw.choice([1.0, 0.5, 1.5]),
        leave_out=draw.choice([[], [0], [3], [1, 2]]),
        dropout=draw.choice([0.0, 0.3]),
        init_weights=draw.choice(["bert", "mam_adapter"]),
    )


CONFIGS: dict[str, Any] = {
    "seq_bn": "seq_bn",
    "double_seq_bn": "double_seq_bn",
    "pfeiffer": "pfeiffer",
    "houlsby": "houlsby",
    "seq_bn[reduction_factor=2]": "seq_bn[reduction_factor=2]",
    "narrow": SeqBnConfig(reduction_factor=64),
    "narrower than one": SeqBnConfig(reduction_factor=1000),
    "wide": SeqBnConfig(reduction_factor=0.25),
    "attention alone": DoubleSeqBnConfig(output_adapter=False, reduction_factor=4),
    "a layer alone": SeqBnConfig(leave_out=[0, 1, 2]),
    "the first layer alone": DoubleSeqBnConfig(leave_out=[1, 2, 3]),
    **{f"drawn {number}": drawn(number) for number in range(16)},
    **{name: SeqBnConfig(non_linearity=name, reduction_factor=4) for name in ACTIVATIONS},
}


def saved(folder: Path, config: Any, name: str = "study") -> Any:
    """Returns the model; the only adapter in its folder serves every task."""
    save_base(folder)
    model = with_adapters(AutoAdapterModel.from_pretrained(folder), (name,), config)
    path = folder / "adapters" / name
    path.mkdir(parents=True)
    model.save_adapter(str(path), name)
    return model


@pytest.mark.parametrize("name", CONFIGS)
def test_configurations(start_server, tmp_path, name):
    folder = tmp_path / "model"
    model = saved(folder, CONFIGS[name])
    assert_serves(start_server, folder, for_all("study"), reference(model, folder))


@pytest.mark.parametrize("number", range(4))
def test_saved_whole(start_server, tmp_path, number):
    folder = save_base(tmp_path / "model")
    model = with_adapters(AutoAdapterModel.from_pretrained(folder), ("study",), drawn(number))
    # safetensors cannot store tensors that share memory.
    (folder / "model.safetensors").unlink()
    model.save_pretrained(folder, safe_serialization=False)
    assert_serves(start_server, folder, for_all("study"), reference(model, folder))


REFUSED: dict[str, tuple[Any, str]] = {
    "parallel": ("par_bn", "is_parallel"),
    "gating": (SeqBnConfig(use_gating=True), "use_gating"),
    "compacter": (adapters.CompacterConfig(reduction_factor=8), "phm_layer"),
    "invertible": ("seq_bn_inv", "inv_adapter"),
    "learned scaling": (SeqBnConfig(scaling="learned"), "scaling"),
    "scaling by channel": (SeqBnConfig(scaling="channel"), "scaling"),
    "prefix tuning": ("prefix_tuning", "prefix_tuning"),
    "lora": ("lora", "lora"),
    "ia3": ("ia3", "lora"),
    "union": ("mam", "union"),
    "prompt tuning": ("prompt_tuning", "prompt_tuning"),
    "reft": ("loreft", "reft"),
    "sigmoid": (SeqBnConfig(non_linearity="sigmoid"), "sigmoid"),
    "mish": (SeqBnConfig(non_linearity="mish"), "mish"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_other_kinds_are_refused_by_name(command, tmp_path, name):
    config, word = REFUSED[name]
    folder = save_base(tmp_path / "model")
    model = AutoAdapterModel.from_pretrained(folder)
    model.add_adapter("study", config=AdapterConfig.load(config))
    path = folder / "adapters/study"
    path.mkdir(parents=True)
    model.save_adapter(str(path), "study")
    line = command("inspect", folder).fail_in_one_line(1)
    assert str(path / "adapter_config.json") in line
    assert word in line


def test_fusion_is_refused(command, tmp_path):
    folder = save_base(tmp_path / "model")
    model = with_adapters(AutoAdapterModel.from_pretrained(folder), ("one", "other"))
    model.add_adapter_fusion(Fuse("one", "other"))
    path = folder / "adapters/fusion"
    path.mkdir(parents=True)
    model.save_adapter_fusion(str(path), Fuse("one", "other"))
    assert "AdapterFusion" in command("inspect", folder).fail_in_one_line(1)
    whole = save_base(tmp_path / "whole")
    (whole / "model.safetensors").unlink()
    model.save_pretrained(whole)
    assert "AdapterFusion" in command("inspect", whole).fail_in_one_line(1)


def test_two_adapters_of_unknown_use_need_a_word(command, tmp_path):
    folder = save_base(tmp_path / "model")
    model = with_adapters(AutoAdapterModel.from_pretrained(folder), ("one", "other"))
    model.save_all_adapters(str(folder / "adapters"))
    line = command("inspect", folder).fail_in_one_line(1)
    for word in ("scimult.json", "one", "other", "experts"):
        assert word in line


def test_an_adapter_of_another_base_is_refused(command, tmp_path):
    folder = save_base(tmp_path / "model")
    wider = save_base(tmp_path / "wider", intermediate_size=96)
    model = with_adapters(AutoAdapterModel.from_pretrained(wider), ("study",))
    model.save_all_adapters(str(folder / "adapters"))
    # Adapters depend only on the width, and not on the feed-forward network.
    command("inspect", folder).succeed()
    narrow = save_base(tmp_path / "narrow", hidden_size=32)
    model = with_adapters(AutoAdapterModel.from_pretrained(narrow), ("study",))
    model.save_all_adapters(str(folder / "adapters"))
    assert "hidden_size" in command("inspect", folder).fail_in_one_line(1)
