"""Add peft's models to variants/: small random models with their low-rank adapters.

The vectors are peft's own results for each folder.

Usage: python Tests/Golden/make_lora_variants.py [NAME …]
"""

from typing import Any

from peft import LoraConfig

from adapter_models import Experts, for_all_tasks, make_chosen
from lora_models import LoraVariant, in_half_precision, make
from reference_encoder import Shape


def lora(*targets: str, **settings: Any) -> LoraConfig:
    return LoraConfig(**{"r": 4, "lora_alpha": 6, "target_modules": list(targets)} | settings)


def beside(name: str, config: LoraConfig, **more: Any) -> LoraVariant:
    """One adapter next to the weights, for every task."""
    return LoraVariant(f"lora-{name}", {"": config}, for_all_tasks(""), **more)


EVERYTHING = "all-linear"

SEVERAL = {
    "ask": lora("query", "key", "value", r=8, lora_alpha=8),
    "find": lora("dense", use_dora=True),
    "link": lora("query", "output.dense", layers_to_transform=[1], use_rslora=True),
}
SEVERAL_EXPERTS: Experts = {
    "search": {"query": "ask", "candidate": "find"},
    "link_prediction": "link",
    "classification": {"query": None, "candidate": "link"},
    "regression": "find",
}

VARIANTS = [
    beside("query-value", lora("query", "value")),
    beside("pickled", lora("query", "value"), safe=False),
    beside("everything", lora(target_modules=EVERYTHING)),
    # These are three layers of the encoder, and the pooler's, which does not affect vectors.
    beside("dense", lora("dense")),
    beside("by-an-expression", lora(target_modules=r".*layer\.1\..*(query|dense)")),
    beside("one-layer", lora("key", "intermediate.dense", layers_to_transform=[0])),
    beside(
        "patterns",
        lora(
            "query",
            "key",
            "dense",
            rank_pattern={"query": 2, "layer.1.attention.self.key": 7},
            # Two patterns match the query of layer 0; the first one in the file is used.
            alpha_pattern={".*query": 3, "layer.0.attention.self.query": 9, "output.dense": 5},
        ),
    ),
    beside("rank-stabilised", lora("query", "dense", use_rslora=True)),
    beside(
        "rank-stabilised-patterns",
        lora(
            "query",
            "dense",
            use_rslora=True,
            rank_pattern={"query": 2},
            alpha_pattern={r"layer\.\d+\.output\.dense": 11},
        ),
    ),
    beside("decomposed", lora(target_modules=EVERYTHING, use_dora=True)),
    beside("decomposed-rank-stabilised", lora("value", "dense", use_dora=True, use_rslora=True)),
    beside("bias-all", lora("query", "dense", bias="all")),
    beside("bias-lora-only", lora("query", "output.dense", bias="lora_only")),
    beside("bias-of-its-own", lora("query", "dense", lora_bias=True)),
    beside("gaussian", lora("query", "value", init_lora_weights="gaussian", lora_dropout=0.1)),
    beside("half-precision", lora("query", "dense"), edit=in_half_precision),
    beside("mean-pooling", lora("query", "value", task_type="FEATURE_EXTRACTION"), pooling="mean"),
    beside("of-a-classifier", lora("query", "dense", task_type="SEQ_CLS"), model="classifier"),
    beside("distilbert", lora("q_lin", "v_lin", "lin2"), model="distilbert"),
    LoraVariant("lora-alone", {"topics": lora("query", "value")}, for_all_tasks("topics")),
    LoraVariant(
        "lora-several",
        SEVERAL,
        SEVERAL_EXPERTS,
        writes_experts=True,
        safe=False,
        shape=Shape(num_hidden_layers=3),
    ),
    LoraVariant(
        "lora-and-bottleneck",
        {"ranks": lora("query", "dense")},
        {"search": "ranks", "link_prediction": "widths", "classification": None},
        bottlenecks={"widths": "double_seq_bn"},
        writes_experts=True,
    ),
]


if __name__ == "__main__":
    make_chosen(VARIANTS, make)
