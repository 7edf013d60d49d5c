"""Add models of the adapters library to variants/: small random models with their adapters.

The vectors are the library's own results for each folder.

Usage: python Tests/Golden/make_adapter_variants.py [NAME …]
"""

import json
import random
from pathlib import Path
from typing import Any

import torch
from adapters import BnConfig, DoubleSeqBnConfig, SeqBnConfig

from adapter_models import Experts, for_all_tasks, make_chosen
from bottleneck_models import BottleneckVariant, make
from documents import SMALL
from model_folder import write_json
from reference_encoder import Shape

SPECTER2_SHAPE = Shape(32, 2, 4, 48)
THREE_LAYERS = Shape(num_hidden_layers=3)
STUDY = for_all_tasks("study")


# ---- SPECTER2 ----


def specter2(proximity: str, query: str, classification: str, regression: str) -> Experts:
    """Return the use of each adapter for a model whose adapters are named as SPECTER2's."""
    return {
        "search": {"query": query, "candidate": proximity},
        "link_prediction": proximity,
        "classification": classification,
        "regression": regression,
    }


CODES = ("[PRX]", "[QRY]", "[CLF]", "[RGN]")
SHORT_NAMES = ("proximity", "adhoc_query", "classification", "regression")
PUBLISHED_NAMES = (
    "specter2",
    "specter2_adhoc_query",
    "specter2_classification",
    "specter2_regression",
)


def as_published(folder: Path) -> None:
    """Write the files like a library of 2023: with another version, and fewer settings."""
    for path in (folder / "adapters").glob("*/adapter_config.json"):
        content = json.loads(path.read_text())
        for key in ("dropout", "init_weights_seed", "stochastic_depth"):
            del content["config"][key]
        write_json(path, content | {"version": "3.1.0", "config_id": "9076f36a74755ac4"})


SPECTER2 = [
    BottleneckVariant(
        "specter2",
        dict.fromkeys(SHORT_NAMES, "seq_bn"),
        specter2(*CODES),
        names=dict(zip(SHORT_NAMES, CODES, strict=True)),
        writes_experts=False,
        shape=SPECTER2_SHAPE,
        documents=(*SMALL[:3], *SMALL[5:]),
        pickled_base=True,
    ),
    BottleneckVariant(
        "specter2-published",
        dict.fromkeys(PUBLISHED_NAMES, SeqBnConfig()),
        specter2(*PUBLISHED_NAMES),
        writes_experts=False,
        shape=SPECTER2_SHAPE,
        safe=True,
        heads=True,
        edit=as_published,
    ),
    BottleneckVariant(
        "specter2-saved-whole",
        dict.fromkeys(CODES, "seq_bn"),
        specter2(*CODES),
        writes_experts=False,
        shape=SPECTER2_SHAPE,
        whole=True,
        safe=True,
        heads=True,
    ),
]


# ---- Bottlenecks ----


def seq(**changes: Any) -> BnConfig:
    return SeqBnConfig(**{"reduction_factor": 4} | changes)


def double(**changes: Any) -> BnConfig:
    return DoubleSeqBnConfig(**{"reduction_factor": 4} | changes)


def study(name: str, config: BnConfig | str, **more: Any) -> BottleneckVariant:
    """Return one adapter that scimult.json names for every task."""
    return BottleneckVariant(f"bottleneck-{name}", {"study": config}, STUDY, **more)


def drawn_config(number: int) -> BnConfig:
    """Draw a configuration that the library supports."""
    draw = random.Random(number)
    flags = ("original_ln_before", "original_ln_after", "adapter_residual_before_ln")
    flags += ("ln_before", "ln_after", "mh_adapter", "output_adapter")
    while True:
        options = {flag: draw.random() < 0.5 for flag in flags}
        options["residual_before_ln"] = draw.choice([True, False, "post_add"])
        if options["residual_before_ln"] == "post_add" and not options["original_ln_before"]:
            continue
        if not (options["mh_adapter"] or options["output_adapter"]):
            continue
        # Without any norm, the values grow from layer to layer until a test cannot compare them.
        if not (options["original_ln_after"] or options["ln_after"]):
            continue
        return BnConfig(
            **options,
            reduction_factor=draw.choice([2, 4, 5]),
            non_linearity=draw.choice(["relu", "gelu", "gelu_new", "swish", "tanh"]),
            scaling=draw.choice([1.0, 0.5, 1.5]),
        )


def without_version(folder: Path) -> None:
    for path in (folder / "adapters").glob("*/adapter_config.json"):
        content = json.loads(path.read_text())
        del content["version"]
        write_json(path, content)


def with_names_of_before(folder: Path) -> None:
    """Name the tensors like adapter-transformers before version 2."""
    path = folder / "adapters/study/pytorch_adapter.bin"
    tensors = torch.load(path)
    renamed = {
        name.replace(
            "attention.output.adapters", "attention.output.attention_text_task_adapters"
        ).replace(".output.adapters", ".output.layer_text_task_adapters"): tensor
        for name, tensor in tensors.items()
    }
    torch.save(renamed, path)


def with_config(config: Any) -> Any:
    """Write another value for the adapter's "config"."""

    def edit(folder: Path) -> None:
        path = folder / "adapters/study/adapter_config.json"
        write_json(path, json.loads(path.read_text()) | {"config": config})

    return edit


DIFFERENT: dict[str, BnConfig | str] = {
    "ask": double(reduction_factor=2, non_linearity="gelu"),
    "find": seq(reduction_factor=8),
    "link": BnConfig(
        mh_adapter=True,
        output_adapter=False,
        reduction_factor=3,
        non_linearity="tanh",
        ln_after=True,
        leave_out=[0],
    ),
}
DIFFERENT_EXPERTS: Experts = {
    "search": {"query": "ask", "candidate": "find"},
    "link_prediction": {"query": "link", "candidate": None},
    "classification": None,
    "regression": "link",
    "topics of papers": "find",
}

BOTTLENECKS = [
    study("houlsby", "double_seq_bn"),
    study("houlsby-safetensors", double(), safe=True),
    study("attention-alone", double(output_adapter=False)),
    *(
        study(f"activation-{name.replace('_', '-')}", seq(non_linearity=name, reduction_factor=2))
        for name in ("gelu", "gelu_new", "swish", "tanh", "leakyrelu")
    ),
    study("width-that-does-not-divide", seq(reduction_factor=5)),
    study("width-by-a-fraction", seq(reduction_factor=2.5)),
    study("wider-than-the-model", seq(reduction_factor=0.5)),
    study("width-of-one", seq(reduction_factor=100)),
    study(
        "width-by-layer",
        double(reduction_factor={"0": 2, "2": 4, "default": 8}),
        shape=THREE_LAYERS,
    ),
    study("layers-left-out", double(leave_out=[0, 2]), shape=THREE_LAYERS),
    study("scaling", double(scaling=0.5)),
    study("norm-before", seq(ln_before=True)),
    study("norm-after", seq(ln_after=True, adapter_residual_before_ln=True)),
    study("residual-after-addition", seq(residual_before_ln="post_add")),
    study("epsilon", seq(ln_before=True, ln_after=True), shape=Shape(layer_norm_eps=0.05)),
    study("mean-pooling", double(), pooling="mean"),
    study("distilbert", double(ln_before=True), distilbert=True),
    study("of-a-plain-class", double(), plain_class=True, safe=True),
    study("names-of-before", double(), edit=with_names_of_before),
    study("config-by-name", "seq_bn", edit=with_config("pfeiffer")),
    study("config-by-a-phrase", seq(), edit=with_config("seq_bn[reduction_factor=4]")),
    BottleneckVariant(
        "bottleneck-alone", {"topics": double()}, for_all_tasks("topics"), writes_experts=False
    ),
    BottleneckVariant(
        "bottleneck-without-version",
        {
            "gelu": seq(non_linearity="gelu", reduction_factor=2),
            "gelu_orig": seq(non_linearity="gelu", reduction_factor=2),
        },
        {"search": "gelu", "link_prediction": "gelu_orig", "classification": None},
        edit=without_version,
    ),
    BottleneckVariant("bottleneck-different", DIFFERENT, DIFFERENT_EXPERTS),
    BottleneckVariant(
        "bottleneck-different-saved-whole", DIFFERENT, DIFFERENT_EXPERTS, whole=True, safe=True
    ),
    BottleneckVariant(
        "bottleneck-saved-whole-pickled",
        {"study": double(ln_before=True)},
        STUDY,
        whole=True,
        plain_class=True,
    ),
    *(study(f"drawn-{number:02}", drawn_config(number)) for number in range(1, 13)),
]


if __name__ == "__main__":
    make_chosen([*SPECTER2, *BOTTLENECKS], make)
