"""NVIDIA Triton with PyTriton."""

from __future__ import annotations

import sys
import sysconfig
from importlib.util import find_spec

from contestant import Contestant, free_port
from grpcio_contestants import RIVALS
from kserve_protocol import KServeProtocol
from shared.processes import AbsentError


class TritonContestant(Contestant):
    """`triton_server.py`, called with Triton's protocol."""

    name = "triton"
    title = "Triton, ONNX Runtime"
    protocol = KServeProtocol()

    @property
    def environment(self) -> dict[str, str]:
        # Triton's backend links a Python library, which must be this environment's.
        library = str(sysconfig.get_config_var("LIBDIR"))
        return {**super().environment, "LD_LIBRARY_PATH": library}

    def command(self) -> list[str]:
        if find_spec("pytriton") is None:
            raise AbsentError("nvidia-pytriton is not installed")
        workspace = self.setting.scratch / f"triton-{self.port}"
        return [
            *(sys.executable, str(RIVALS / "triton_server.py")),
            *("--model", str(self.setting.model), "--cache", str(self.setting.cache)),
            *("--calibration", str(self.setting.calibration), "--workspace", str(workspace)),
            *("--port", str(self.port), "--http-port", str(free_port())),
        ]
