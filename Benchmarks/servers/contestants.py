"""The contestants by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from contestant import Contestant
from grpcio_contestants import EncodeServerContestant
from infinity_contestant import InfinityContestant
from scimult_contestant import ScimultContestant
from setting import Setting
from triton_contestant import TritonContestant

OURS = "scimult"

MAKERS: dict[str, Callable[[Setting], Contestant]] = {
    OURS: ScimultContestant,
    "grpcio-openvino": partial(EncodeServerContestant, engine="openvino"),
    "grpcio-openvino-static": partial(EncodeServerContestant, engine="openvino-static"),
    "grpcio-onnxruntime": partial(EncodeServerContestant, engine="onnxruntime"),
    "infinity": InfinityContestant,
    "triton": TritonContestant,
}

NAMES = tuple(MAKERS)
