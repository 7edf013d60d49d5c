"""The peers by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shared.peers.ctranslate2 import CTranslate2
from shared.peers.engine import Engine, EngineOptions, Precision
from shared.peers.onnx_runtime import OnnxRuntime
from shared.peers.openvino import OpenVINO
from shared.peers.pytorch import PyTorch

PRODUCTS: dict[str, Callable[[EngineOptions], Engine]] = {
    "openvino": OpenVINO,
    "ctranslate2": CTranslate2,
    "onnxruntime": OnnxRuntime,
    "pytorch": PyTorch,
}


@dataclass(frozen=True)
class Peer:
    """A product in one precision."""

    product: str
    precision: Precision

    @property
    def name(self) -> str:
        """The name on the command line: `openvino-int8`."""
        return f"{self.product}-{self.precision}"

    @classmethod
    def named(cls, name: str) -> Peer:
        """Returns the peer with a name.

        Raises ValueError for an unknown name.
        """
        for peer in PEERS:
            if peer.name == name:
                return peer
        raise ValueError(f"no peer {name}; peers: {', '.join(peer.name for peer in PEERS)}")


PEERS = (
    Peer("openvino", "int8"),
    Peer("ctranslate2", "int8"),
    Peer("onnxruntime", "int8"),
    Peer("pytorch", "int8"),
    Peer("openvino", "bf16"),
    Peer("pytorch", "bf16"),
    Peer("openvino", "fp32"),
    Peer("ctranslate2", "fp32"),
    Peer("onnxruntime", "fp32"),
    Peer("pytorch", "fp32"),
)
