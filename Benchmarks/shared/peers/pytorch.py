"""PyTorch."""

from __future__ import annotations

import warnings
from importlib import import_module

import numpy as np

from shared.batches import Batch, FloatArray
from shared.peers.engine import Engine, EngineOptions
from shared.peers.hugging_face import load_bert


class PyTorch(Engine):
    """transformers' model: in fp32, in bf16, or with dynamically quantised linear layers."""

    def __init__(self, options: EngineOptions) -> None:
        self.torch = import_module("torch")
        self.torch.set_num_threads(options.threads)
        self.bert = load_bert(options.model)
        if options.precision == "bf16":
            self.bert = self.bert.to(self.torch.bfloat16)
        elif options.precision == "int8":
            quantization = self.torch.ao.quantization
            layers = {self.torch.nn.Linear: quantization.per_channel_dynamic_qconfig}
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self.bert = quantization.quantize_dynamic(self.bert, layers, dtype=self.torch.qint8)

    def run(self, batch: Batch, form: str) -> FloatArray:
        # Without a mask, PyTorch uses a faster path for attention.
        mask = None if batch.mask.all() else self.torch.from_numpy(batch.mask)
        with self.torch.inference_mode():
            output = self.bert(input_ids=self.torch.from_numpy(batch.ids), attention_mask=mask)
            return np.asarray(output.last_hidden_state.float().numpy(), np.float32)

    def release(self) -> None:
        """Does nothing: no memory depends on shapes."""
