"""OpenVINO."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from shared.batches import Batch, FloatArray, pad_columns
from shared.machine import has_bf16
from shared.peers.engine import Engine, EngineOptions
from shared.peers.hugging_face import exported_onnx

EXACT_LENGTHS_MAX = 4
"""Compiling a model for each length is not practical for servers; tried only for few lengths."""


class OpenVINO(Engine):
    """OpenVINO compiles a model for known shapes, or one for all shapes; int8 is calibrated."""

    forms = ("static", "exact", "dynamic")

    def __init__(self, options: EngineOptions) -> None:
        openvino = import_module("openvino")
        if options.precision == "bf16" and not has_bf16():
            raise ValueError("this CPU has no bf16")
        self.core = openvino.Core()
        path = quantized(options) if options.precision == "int8" else exported(options)
        self.model = self.core.read_model(str(path))
        # Operations that int8 leaves in floating point are faster in bf16.
        floats = "bf16" if options.precision != "fp32" and has_bf16() else "f32"
        self.settings = {
            "INFERENCE_NUM_THREADS": options.threads,
            "INFERENCE_PRECISION_HINT": floats,
            "NUM_STREAMS": 1,
            "PERFORMANCE_HINT": "LATENCY",
        }
        self.requests: dict[tuple[int, int] | None, Any] = {}

    def suits(self, form: str, lengths: Sequence[int]) -> bool:
        return form != "exact" or len(set(lengths)) <= EXACT_LENGTHS_MAX

    def run(self, batch: Batch, form: str) -> FloatArray:
        rows, longest = batch.ids.shape
        if form == "dynamic":
            request, columns = self.request(None), longest
        else:
            columns = bucket(longest) if form == "static" else longest
            request = self.request((rows, columns))
        inputs = {
            "input_ids": pad_columns(batch.ids, columns),
            "attention_mask": pad_columns(batch.mask, columns),
        }
        hidden = request.infer(inputs, share_inputs=True, share_outputs=True)[0]
        return np.asarray(hidden, np.float32)

    def request(self, shape: tuple[int, int] | None) -> Any:
        """Returns the request of the model compiled for (rows, columns), or for all shapes."""
        if shape not in self.requests:
            model = self.model
            if shape is not None:
                model = model.clone()
                model.reshape({"input_ids": list(shape), "attention_mask": list(shape)})
            compiled = self.core.compile_model(model, "CPU", self.settings)
            self.requests[shape] = compiled.create_infer_request()
        return self.requests[shape]

    def release(self) -> None:
        self.requests.clear()


def bucket(length: int) -> int:
    """Returns the width of the compiled model for a length."""
    step = 8 if length <= 64 else 16 if length <= 256 else 32
    return -(-length // step) * step


def exported(options: EngineOptions) -> Path:
    """Returns the model in OpenVINO's format."""
    path = options.cache / "openvino-fp32.xml"
    if not path.exists():
        openvino = import_module("openvino")
        model = openvino.Core().read_model(str(exported_onnx(options.model, options.cache)))
        openvino.save_model(model, str(path), compress_to_fp16=False)
    return path


def quantized(options: EngineOptions) -> Path:
    """Returns the model quantised by NNCF, calibrated on the sequences of the options."""
    calibration = hashlib.sha256(json.dumps(options.calibration).encode()).hexdigest()
    path = options.cache / f"openvino-int8-{calibration[:12]}.xml"
    if not path.exists():
        openvino, nncf = import_module("openvino"), import_module("nncf")
        items = [
            {"input_ids": np.array([ids]), "attention_mask": np.ones((1, len(ids)), np.int64)}
            for ids in options.calibration
        ]
        model = openvino.Core().read_model(str(exported(options)))
        model = nncf.quantize(
            model,
            nncf.Dataset(items),
            model_type=nncf.ModelType.TRANSFORMER,
            subset_size=len(items),
        )
        openvino.save_model(model, str(path), compress_to_fp16=False)
    return path
