"""Add unsupported adapters to refused/, as the adapters library and peft save them.

Each line of a folder's expected.txt must occur in the message of one line.

Usage: python Tests/Golden/make_refused_adapters.py
"""

import json
import shutil
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from adapters import (
    AdapterConfig,
    AutoAdapterModel,
    CompacterConfig,
    Fuse,
    IA3Config,
    LoRAConfig,
    LoReftConfig,
    MAMConfig,
    ParBnConfig,
    PrefixTuningConfig,
    PromptTuningConfig,
    SeqBnConfig,
    SeqBnInvConfig,
    UniPELTConfig,
)
from peft import IA3Config as PeftIA3Config
from peft import LoraConfig, PeftConfig, get_peft_model
from peft import PrefixTuningConfig as PeftPrefixTuningConfig
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import AutoModel, PreTrainedModel

from adapter_models import Drawer, base_tensors, forget_paths
from lora_models import sort_targets
from model_folder import write_config, write_json, write_vocabulary
from reference_encoder import Shape
from reference_tokenizer import SPECIAL_TOKENS

FOLDER = Path(__file__).parent / "refused"
VOCABULARY = [*SPECIAL_TOKENS, *"abcde", "##a", "##b"]
SHAPE = Shape(8, 1, 2, 8, max_position_embeddings=16)
STUDY = "adapters/study"
CONFIG = f"{STUDY}/adapter_config.json"

Case = Callable[[Path], list[str]]


def write_base(folder: Path) -> None:
    write_config(folder, SHAPE, len(VOCABULARY))
    write_vocabulary(folder, VOCABULARY)
    tensors = base_tensors("refused", SHAPE, len(VOCABULARY))
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def edited(path: Path, **changes: Any) -> None:
    """Change entries of a JSON file."""
    write_json(path, json.loads(path.read_text()) | changes)


# ---- The adapters library ----


def with_study(folder: Path, config: AdapterConfig | str) -> PreTrainedModel:
    torch.manual_seed(1)
    write_base(folder)
    model = AutoAdapterModel.from_pretrained(folder)
    model.add_adapter("study", config=config)
    return model


def save_study(model: PreTrainedModel, folder: Path, name: str = "study") -> None:
    path = folder / "adapters" / name
    path.mkdir(parents=True)
    model.save_adapter(str(path), name)
    forget_paths(path, folder)


def adapter(config: AdapterConfig, *expected: str) -> Case:
    """Save one adapter of this configuration."""

    def case(folder: Path) -> list[str]:
        save_study(with_study(folder, config), folder)
        return [CONFIG, *expected]

    return case


def bottleneck(*expected: str, **settings: Any) -> Case:
    """Change the settings of a bottleneck after it is saved."""

    def case(folder: Path) -> list[str]:
        save_study(with_study(folder, SeqBnConfig(reduction_factor=4)), folder)
        path = folder / CONFIG
        edited(path, config=json.loads(path.read_text())["config"] | settings)
        return [CONFIG, *expected]

    return case


def tensors_of_bottleneck(
    change: Callable[[dict[str, Tensor]], dict[str, Tensor]], *expected: str
) -> Case:
    """Change the tensors of a bottleneck after it is saved."""

    def case(folder: Path) -> list[str]:
        save_study(with_study(folder, SeqBnConfig(reduction_factor=4)), folder)
        path = folder / STUDY / "pytorch_adapter.bin"
        torch.save(change(torch.load(path)), path)
        return [f"{STUDY}/pytorch_adapter.bin", *expected]

    return case


def with_fusion(folder: Path) -> PreTrainedModel:
    model = with_study(folder, "seq_bn")
    model.add_adapter("other", config="seq_bn")
    model.add_adapter_fusion(Fuse("study", "other"))
    return model


def fusion(folder: Path) -> list[str]:
    model = with_fusion(folder)
    save_study(model, folder)
    save_study(model, folder, "other")
    path = folder / "adapters/fusion"
    path.mkdir()
    model.save_adapter_fusion(str(path), "study,other")
    forget_paths(path, folder)
    return ["adapters/fusion", "adapter_fusion_config.json"]


def fusion_saved_whole(folder: Path) -> list[str]:
    save_whole(with_fusion(folder), folder)
    return ["config.json", "adapters.fusions", "study,other"]


def save_whole(model: PreTrainedModel, folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    model.save_pretrained(folder)


def whole(config: AdapterConfig, *expected: str) -> Case:
    def case(folder: Path) -> list[str]:
        save_whole(with_study(folder, config), folder)
        return ["config.json", *expected]

    return case


def several_without_roles(folder: Path) -> list[str]:
    """Adapters without known names, and without a scimult.json for their use."""
    model = with_study(folder, "seq_bn")
    model.add_adapter("other", config="seq_bn")
    save_study(model, folder)
    save_study(model, folder, "other")
    return ["study", "other", "experts"]


def expert_unknown(folder: Path) -> list[str]:
    save_study(with_study(folder, "seq_bn"), folder)
    write_json(folder / "scimult.json", {"experts": {"search": "studies"}})
    return ["scimult.json", "experts.search", "studies", "study"]


def without_weights(folder: Path) -> list[str]:
    save_study(with_study(folder, "seq_bn"), folder)
    (folder / STUDY / "pytorch_adapter.bin").unlink()
    return [STUDY, "adapter.safetensors", "pytorch_adapter.bin"]


# ---- peft ----


def peft(config: PeftConfig, *expected: str, beside: bool = True, **changes: Any) -> Case:
    """Save one peft adapter next to the weights, or below adapters/; then change its settings."""

    def case(folder: Path) -> list[str]:
        torch.manual_seed(1)
        write_base(folder)
        model = get_peft_model(AutoModel.from_pretrained(folder), config)
        trained = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
        Drawer("refused").fill(trained)
        path = folder if beside else folder / STUDY
        model.peft_config["default"].base_model_name_or_path = "base"
        model.save_pretrained(path, save_embedding_layers=False)
        (path / "README.md").unlink()
        settings = path / "adapter_config.json"
        if "target_modules" in json.loads(settings.read_text()):
            sort_targets(settings)
        edited(settings, **changes)
        return list(expected)

    return case


def lora(**settings: Any) -> LoraConfig:
    return LoraConfig(**{"r": 2, "target_modules": ["query"]} | settings)


def saved_setting(name: str, value: Any, *expected: str) -> Case:
    """Save a plain LoRA, and add a setting to its file."""
    return peft(lora(), "adapter_config.json", name, *expected, **{name: value})


def tensors_of_lora(
    change: Callable[[dict[str, Tensor]], dict[str, Tensor]], *expected: str
) -> Case:
    def case(folder: Path) -> list[str]:
        peft(lora())(folder)
        path = folder / "adapter_model.safetensors"
        save_file(change(load_file(path)), path, metadata={"format": "pt"})
        return ["adapter_model.safetensors", *expected]

    return case


# ---- scimult.json ----


def own(content: dict[str, Any], *expected: str) -> Case:
    """Write a folder of one encoder, and this scimult.json."""

    def case(folder: Path) -> list[str]:
        write_base(folder)
        write_json(folder / "scimult.json", content)
        return ["scimult.json", *expected]

    return case


def encoders(content: dict[str, Any], *expected: str) -> Case:
    """Write two encoders in subfolders, and this for "encoders"."""

    def case(folder: Path) -> list[str]:
        write_base(folder / "asks")
        write_base(folder / "found")
        write_json(folder / "scimult.json", {"encoders": content})
        return list(expected)

    return case


def encoders_of_different_widths(folder: Path) -> list[str]:
    encoders({"query": "asks", "candidate": "found"})(folder)
    shape = Shape(4, 1, 2, 8, max_position_embeddings=16)
    write_config(folder / "found", shape, len(VOCABULARY))
    tensors = base_tensors("refused", shape, len(VOCABULARY))
    save_file(tensors, folder / "found/model.safetensors", metadata={"format": "pt"})
    return ["asks", "found", "8", "4"]


DOWN = "bert.encoder.layer.0.output.adapters.study.adapter_down.0.weight"
QUERY = "base_model.model.encoder.layer.0.attention.self.query"
UNKNOWN = f"{QUERY}.lora_C.weight"


def without(name: str) -> Callable[[dict[str, Tensor]], dict[str, Tensor]]:
    return lambda tensors: {key: tensor for key, tensor in tensors.items() if key != name}


def changed(
    name: str, change: Callable[[Tensor], Tensor]
) -> Callable[[dict[str, Tensor]], dict[str, Tensor]]:
    return lambda tensors: tensors | {name: change(tensors[name])}


def not_a_number(tensor: Tensor) -> Tensor:
    return torch.full_like(tensor, float("nan"))


CASES: dict[str, Case] = {
    # Kinds of the adapters library other than a sequential bottleneck.
    "adapters-fusion": fusion,
    "adapters-fusion-saved-whole": fusion_saved_whole,
    "adapters-parallel": adapter(ParBnConfig(), "is_parallel"),
    "adapters-parallel-saved-whole": whole(ParBnConfig(), "study", "is_parallel"),
    "adapters-compacter": adapter(CompacterConfig(reduction_factor=2, phm_dim=4), "phm_layer"),
    "adapters-gating": adapter(SeqBnConfig(use_gating=True), "use_gating"),
    "adapters-scaling-learned": adapter(SeqBnConfig(scaling="learned"), "scaling", "learned"),
    "adapters-scaling-channel": adapter(SeqBnConfig(scaling="channel"), "scaling", "channel"),
    "adapters-invertible": adapter(SeqBnInvConfig(), "inv_adapter", "nice"),
    "adapters-prefix-tuning": adapter(
        PrefixTuningConfig(prefix_length=2, bottleneck_size=4), "architecture", "prefix_tuning"
    ),
    "adapters-prompt-tuning": adapter(
        PromptTuningConfig(prompt_length=2), "architecture", "prompt_tuning"
    ),
    "adapters-lora": adapter(LoRAConfig(r=2), "architecture", "lora"),
    "adapters-ia3": adapter(IA3Config(), "architecture", "lora"),
    "adapters-reft": adapter(LoReftConfig(r=1), "architecture", "reft"),
    "adapters-mam": adapter(
        MAMConfig(PrefixTuningConfig(prefix_length=2, bottleneck_size=4), ParBnConfig()),
        "architecture",
        "union",
    ),
    "adapters-unipelt": adapter(
        UniPELTConfig(
            PrefixTuningConfig(prefix_length=2, bottleneck_size=4, use_gating=True),
            SeqBnConfig(use_gating=True),
            LoRAConfig(r=2, use_gating=True),
        ),
        "architecture",
        "union",
    ),
    # Settings that the library itself does not support.
    "adapters-activation-unknown": bottleneck("non_linearity", "snake", non_linearity="snake"),
    "adapters-architecture-unknown": bottleneck("architecture", "moe", architecture="moe"),
    "adapters-residual-unknown": bottleneck(
        "residual_before_ln", "pre_add", residual_before_ln="pre_add"
    ),
    "adapters-residual-without-addition": bottleneck(
        "residual_before_ln", "post_add", residual_before_ln="post_add", original_ln_before=False
    ),
    # Tensors of an adapter.
    "adapters-tensor-missing": tensors_of_bottleneck(without(DOWN), DOWN),
    "adapters-tensor-misshapen": tensors_of_bottleneck(changed(DOWN, Tensor.t), DOWN),
    "adapters-tensor-nan": tensors_of_bottleneck(changed(DOWN, not_a_number), DOWN),
    "adapters-weights-missing": without_weights,
    # The use of adapters.
    "experts-unsaid": several_without_roles,
    "experts-unknown": expert_unknown,
    # Encoders, limits and codes by role.
    "encoders-folder-missing": encoders(
        {"query": "asks", "candidate": "lost"}, "encoders.candidate", "lost"
    ),
    "encoders-folder-outside": encoders(
        {"query": "asks", "candidate": "../asks"}, "scimult.json", "encoders.candidate", "../asks"
    ),
    "encoders-role-missing": encoders({"query": "asks"}, "scimult.json", "encoders", "candidate"),
    "encoders-of-different-widths": encoders_of_different_widths,
    "max-tokens-one": own({"max_tokens": {"query": 1, "candidate": 9}}, "max_tokens.query"),
    "control-code-unknown": own({"control_codes": {"search": "[NEW]"}}, "control_codes", "[NEW]"),
    "control-codes-missing": own({"control_codes": True}, "control_codes", "[CLF]"),
    # peft's other kinds.
    "peft-ia3": peft(
        PeftIA3Config(target_modules=["key"], feedforward_modules=[]),
        "adapter_config.json",
        "peft_type",
        "IA3",
    ),
    "peft-ia3-in-a-folder": peft(
        PeftIA3Config(target_modules=["key"], feedforward_modules=[]),
        CONFIG,
        "peft_type",
        "IA3",
        beside=False,
    ),
    "peft-prefix-tuning": peft(
        PeftPrefixTuningConfig(task_type="FEATURE_EXTRACTION", num_virtual_tokens=2),
        "adapter_config.json",
        "peft_type",
        "PREFIX_TUNING",
    ),
    # Changes of a peft LoRA other than its two factors.
    "peft-norm-saved": peft(
        lora(modules_to_save=["LayerNorm"]),
        "adapter_model.safetensors",
        "base_model.model.embeddings.LayerNorm.weight",
    ),
    "peft-embeddings": peft(
        lora(target_modules=["query", "word_embeddings"]),
        "adapter_model.safetensors",
        "base_model.model.embeddings.word_embeddings.lora_embedding_A",
    ),
    "peft-pissa": peft(
        lora(init_lora_weights="pissa"), "adapter_config.json", "init_lora_weights", "pissa"
    ),
    "peft-olora": peft(
        lora(init_lora_weights="olora"), "adapter_config.json", "init_lora_weights", "olora"
    ),
    "peft-layers-replicated": saved_setting("layer_replication", [[0, 1], [0, 1]]),
    "peft-parameters-targeted": saved_setting("target_parameters", ["dense.weight"]),
    "peft-tokens-trained": saved_setting("trainable_token_indices", [1, 2]),
    "peft-invocation-tokens": saved_setting("alora_invocation_tokens", [3]),
    "peft-quantised": saved_setting("use_qalora", True),
    "peft-block-diagonal": saved_setting("use_bdlora", {"nblocks": 2}),
    "peft-decomposed-with-a-bias": peft(
        lora(use_dora=True), "adapter_config.json", "use_dora", "lora_bias", lora_bias=True
    ),
    "peft-tensor-missing": tensors_of_lora(
        without(f"{QUERY}.lora_B.weight"), f"{QUERY}.lora_B.weight"
    ),
    "peft-tensor-misshapen": tensors_of_lora(
        changed(f"{QUERY}.lora_B.weight", lambda tensor: tensor[:, :1].contiguous()),
        f"{QUERY}.lora_B.weight",
    ),
    "peft-tensor-unknown": tensors_of_lora(
        lambda tensors: tensors | {UNKNOWN: torch.zeros(2, 2)}, UNKNOWN
    ),
    "peft-tensor-nan": tensors_of_lora(
        changed(f"{QUERY}.lora_A.weight", not_a_number), f"{QUERY}.lora_A.weight"
    ),
}


def main() -> int:
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    for name, case in CASES.items():
        shutil.rmtree(FOLDER / name, ignore_errors=True)
        expected = case(FOLDER / name)
        (FOLDER / name / "expected.txt").write_text("".join(f"{line}\n" for line in expected))
    print(f"{len(CASES)} refusals")
    return 0


if __name__ == "__main__":
    sys.exit(main())
