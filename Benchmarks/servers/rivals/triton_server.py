"""NVIDIA Triton with PyTriton: ONNX Runtime in a Python function. Triton joins the requests."""

from __future__ import annotations

import argparse
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from embedder import PLANS, Embedder
from micro_batcher import TEXTS_PER_PASS
from shared.batches import FloatArray


def main() -> None:
    """Serves until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--calibration", type=Path, required=True)
    parser.add_argument("--workspace", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    given = parser.parse_args()

    model_config = import_module("pytriton.model_config")
    triton = import_module("pytriton.triton")
    embedder = Embedder.load(given.model, given.cache, given.calibration, PLANS["onnxruntime"])

    def embed(texts: npt.NDArray[Any]) -> dict[str, FloatArray]:
        vectors, _ = embedder.embed([text.decode() for text in texts[:, 0]])
        return {"embeddings": vectors}

    dimensions = embedder.embed([""])[0].shape[1]
    config = triton.TritonConfig(
        allow_metrics=False,
        grpc_address="127.0.0.1",
        grpc_port=given.port,
        http_address="127.0.0.1",
        http_port=given.http_port,
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with triton.Triton(config=config, workspace=given.workspace) as server:
        server.bind(
            model_name="encoder",
            infer_func=import_module("pytriton.decorators").batch(embed),
            inputs=[model_config.Tensor(name="texts", dtype=bytes, shape=(1,))],
            outputs=[model_config.Tensor(name="embeddings", dtype=np.float32, shape=(dimensions,))],
            config=model_config.ModelConfig(
                max_batch_size=TEXTS_PER_PASS,
                batcher=model_config.DynamicBatcher(max_queue_delay_microseconds=0),
            ),
        )
        server.serve()


if __name__ == "__main__":
    main()
