"""infinity-emb with ONNX Runtime in int8, the form that it prefers on CPUs."""

from __future__ import annotations

import shutil
import sys
from importlib import import_module
from pathlib import Path

from contestant import Contestant
from rest_protocol import RESTProtocol
from shared.peers.onnx_runtime import optimized, quantized
from shared.processes import AbsentError

MODEL_NAME = "encoder"
BATCH_SIZE = 8
"""infinity sorts waiting texts by length; larger batches are slower on one thread."""

OUTPUT = "last_hidden_state"
"""infinity's name for the graph's output."""


class InfinityContestant(Contestant):
    """infinity's REST API, without its self-measurement at the start, which takes seconds."""

    name = "infinity"
    title = "infinity-emb, ONNX Runtime"
    protocol = RESTProtocol(MODEL_NAME)

    def command(self) -> list[str]:
        program = Path(sys.executable).with_name("infinity_emb")
        if not program.exists():
            raise AbsentError("infinity-emb is not installed")
        self.make_folder()
        return [
            *(str(program), "v2", "--engine", "optimum", "--device", "cpu"),
            # infinity finds the model file, which it has listed itself, only by a relative path.
            *("--model-id", ".", "--served-model-name", MODEL_NAME, "--pooling-method", "mean"),
            *("--batch-size", str(BATCH_SIZE), "--no-model-warmup", "--log-level", "warning"),
            *("--host", "127.0.0.1", "--port", str(self.port)),
        ]

    @property
    def folder(self) -> Path:
        return self.setting.cache / "infinity"

    def make_folder(self) -> None:
        """Makes the model's folder for infinity, with the same graph as the other servers."""
        path = self.folder / "model_quantized.onnx"
        if path.exists():
            return
        self.folder.mkdir(exist_ok=True)
        for name in ("config.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt"):
            shutil.copyfile(self.setting.model / name, self.folder / name)
        onnx = import_module("onnx")
        model = onnx.load(str(quantized(optimized(self.setting.model, self.setting.cache))))
        (output,) = model.graph.output
        for node in model.graph.node:
            names = [OUTPUT if name == output.name else name for name in node.output]
            node.output[:] = names
        output.name = OUTPUT
        partial = path.with_suffix(".partial")
        onnx.save(model, str(partial))
        partial.rename(path)
