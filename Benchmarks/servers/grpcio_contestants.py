"""Python servers on grpcio, with scimult's API."""

from __future__ import annotations

import sys
from pathlib import Path

from contestant import Contestant
from encode_protocol import EncodeProtocol
from setting import Setting

RIVALS = Path(__file__).with_name("rivals")

TITLES = {
    "onnxruntime": "grpcio, ONNX Runtime",
    "openvino": "grpcio, OpenVINO",
    "openvino-static": "grpcio, OpenVINO static",
}


class EncodeServerContestant(Contestant):
    """`encode_server.py` with an engine in int8."""

    protocol = EncodeProtocol()

    def __init__(self, setting: Setting, engine: str) -> None:
        super().__init__(setting)
        self.name = f"grpcio-{engine}"
        self.title = TITLES[engine]
        self.engine = engine

    def command(self) -> list[str]:
        return [
            *(sys.executable, str(RIVALS / "encode_server.py"), "--engine", self.engine),
            *("--model", str(self.setting.model), "--cache", str(self.setting.cache)),
            *("--calibration", str(self.setting.calibration), "--address", self.address),
        ]


class ConstantContestant(Contestant):
    """`constant_server.py`, which encodes nothing."""

    name = "grpcio-constant"
    title = "grpcio, constant embeddings"
    protocol = EncodeProtocol()

    def __init__(self, setting: Setting, dimensions: int) -> None:
        super().__init__(setting)
        self.dimensions = dimensions

    def command(self) -> list[str]:
        return [
            *(sys.executable, str(RIVALS / "constant_server.py")),
            *("--dimensions", str(self.dimensions), "--address", self.address),
        ]
