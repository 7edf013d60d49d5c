"""ONNX Runtime."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path

import numpy as np

from shared.batches import Batch, FloatArray
from shared.peers.engine import Engine, EngineOptions
from shared.peers.hugging_face import exported_onnx

ONNX_FLOAT = 1
"""TensorProto.FLOAT: the quantiser's type if shape inference finds none."""


class OnnxRuntime(Engine):
    """The graph fused by ONNX Runtime's optimiser; int8 is quantised dynamically."""

    def __init__(self, options: EngineOptions) -> None:
        path = optimized(options.model, options.cache)
        if options.precision == "int8":
            path = quantized(path)
        elif options.precision != "fp32":
            raise ValueError(f"ONNX Runtime has no {options.precision} on CPUs")
        runtime = import_module("onnxruntime")
        session_options = runtime.SessionOptions()
        session_options.intra_op_num_threads = options.threads
        session_options.inter_op_num_threads = 1
        self.session = runtime.InferenceSession(
            str(path), session_options, providers=["CPUExecutionProvider"]
        )
        self.types = {
            node.name: np.int32 if "int32" in node.type else np.int64
            for node in self.session.get_inputs()
        }

    def run(self, batch: Batch, form: str) -> FloatArray:
        inputs = {"input_ids": batch.ids, "attention_mask": batch.mask}
        inputs = {name: array.astype(self.types[name]) for name, array in inputs.items()}
        return np.asarray(self.session.run(None, inputs)[0], np.float32)

    def release(self) -> None:
        """Does nothing: no memory depends on shapes."""


def optimized(model: Path, cache: Path) -> Path:
    """Returns the graph with fused attention, GELU and LayerNorm."""
    path = cache / "onnxruntime-fp32.onnx"
    if not path.exists():
        optimizer = import_module("onnxruntime.transformers.optimizer")
        config = json.loads((model / "config.json").read_text(encoding="utf-8"))
        graph = optimizer.optimize_model(
            str(exported_onnx(model, cache)),
            model_type="bert",
            num_heads=config["num_attention_heads"],
            hidden_size=config["hidden_size"],
        )
        graph.save_model_to_file(str(path))
    return path


def quantized(optimized_graph: Path) -> Path:
    """Quantises weights to int8 for each output channel, and activations dynamically."""
    path = optimized_graph.with_name("onnxruntime-int8.onnx")
    if not path.exists():
        quantization = import_module("onnxruntime.quantization")
        quantization.quantize_dynamic(
            str(optimized_graph),
            str(path),
            per_channel=True,
            weight_type=quantization.QuantType.QInt8,
            extra_options={"DefaultTensorType": ONNX_FLOAT},
        )
    return path
