"""CTranslate2."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path

import numpy as np

from shared.batches import Batch, FloatArray
from shared.machine import cpu_features
from shared.peers.engine import Engine, EngineOptions


class CTranslate2(Engine):
    """CTranslate2's encoder."""

    def __init__(self, options: EngineOptions) -> None:
        if "avx512vl" in cpu_features():
            # On AMD, CTranslate2 would choose AVX2. It reads the variable when the library is
            # loaded.
            os.environ.setdefault("CT2_FORCE_CPU_ISA", "AVX512")
        ctranslate2 = import_module("ctranslate2")
        compute_types = {"fp32": "float32", "int8": "int8", "bf16": "bfloat16"}
        compute_type = compute_types[options.precision]
        if compute_type not in ctranslate2.get_supported_compute_types("cpu"):
            raise ValueError(f"CTranslate2 has no {options.precision} on this CPU")
        self.encoder = ctranslate2.Encoder(
            str(converted(options.model, options.cache, compute_type)),
            device="cpu",
            intra_threads=options.threads,
            compute_type=compute_type,
        )
        self.view = ctranslate2.StorageView

    def run(self, batch: Batch, form: str) -> FloatArray:
        ids = self.view.from_array(batch.ids.astype(np.int32))
        lengths = self.view.from_array(batch.mask.sum(1).astype(np.int32))
        return np.array(self.encoder.forward_batch(ids, lengths).last_hidden_state)

    def release(self) -> None:
        """Does nothing: no memory depends on shapes."""


def converted(model: Path, cache: Path, compute_type: str) -> Path:
    """Returns the model in CTranslate2's format."""
    path = cache / f"ctranslate2-{compute_type}"
    if not path.exists():
        # The converter reads a key that transformers 5 omits from the configuration.
        bert_config = import_module("transformers").BertConfig
        if not hasattr(bert_config, "position_embedding_type"):
            bert_config.position_embedding_type = "absolute"
        converters = import_module("ctranslate2.converters")
        converters.TransformersConverter(str(model)).convert(str(path), quantization=compute_type)
    return path
