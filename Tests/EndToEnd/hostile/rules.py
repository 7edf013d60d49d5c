"""Encoder settings that are impossible or that contradict the tensors."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from .case import Case
from .checkpoint import Checkpoint, with_value

BASE = "mod3-attention"

LIES: dict[str, list[Any]] = {
    "moe_type": [
        "",
        ":",
        "mod3",
        "mod3:",
        ":attn",
        "mod3:attention",
        "mod3:tok",
        "mod0:attn",
        "mod-1:attn",
        "mod5:attn",
        "mod99999999999999999999:attn",
        "MOD3:attn",
        "le7mod2:attn",
        "all:attn",
        "mod2:attn",
        "mod3:ff",
        "mod3" * 10_000 + ":attn",
        "mod3\n:attn",
        None,
        3,
        True,
        ["mod3:attn"],
        {"mod3": "attn"},
    ],
    "num_expert": [0, 1, 2, 4, -3, 1 << 40, (1 << 63) - 1, "3", 3.0, [3], {}],
    "use_moe": ["yes", 2, 1.0, [], {}],
    "use_infer_expert": [True, "no", 7],
    "projection_dim": [8, -1, "8", 1.5],
    "q_rep_method": ["start_end_concat", 3, []],
    "mean_pool": ["yes", 5, [True]],
    "shared_encoder": ["no", 9, {}],
}


def no_parameters(checkpoint: Checkpoint) -> None:
    del checkpoint["encoder_params"]


def no_weights(checkpoint: Checkpoint) -> None:
    del checkpoint["model_dict"]


def empty_weights(checkpoint: Checkpoint) -> None:
    checkpoint["model_dict"] = {}


def parameters_in_a_list(checkpoint: Checkpoint) -> None:
    checkpoint["encoder_params"] = [checkpoint["encoder_params"]]


def parameters_in_a_text(checkpoint: Checkpoint) -> None:
    checkpoint["encoder_params"] = "use_moe: true"


def many_parameters(checkpoint: Checkpoint) -> None:
    checkpoint["encoder_params"]["many"] = [0] * 100_001


def without_experts(checkpoint: Checkpoint) -> None:
    tensors = checkpoint["model_dict"]
    for name in [name for name in tensors if ".moe_query.1." in name]:
        del tensors[name]


def cases() -> Iterator[Case]:
    """Yields all cases."""
    for key, values in LIES.items():
        for index, value in enumerate(values):
            yield Case(f"rule-{key}-{index}", BASE, with_value(partial(_set, key, value)))
    for change in (
        no_parameters,
        no_weights,
        empty_weights,
        parameters_in_a_list,
        parameters_in_a_text,
        many_parameters,
        without_experts,
    ):
        yield Case(f"rule-{change.__name__}", BASE, with_value(change))


def _set(key: str, value: Any, checkpoint: Checkpoint) -> None:
    checkpoint["encoder_params"][key] = value
