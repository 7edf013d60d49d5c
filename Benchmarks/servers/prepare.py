"""Exports the model for the other engines, and embeds texts in fp32 with PyTorch.

Runs before the servers start, in .venv-bench, which has the exporters.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from shared.embedding import embedded
from shared.peers.engine import EngineOptions
from shared.peers.registry import PRODUCTS
from shared.pooling import pools_by_mean
from shared.progress_lines import say
from shared.sequences import read_sequences

EXPORTED = ("onnxruntime", "openvino")


def main() -> None:
    """Runs both steps."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--calibration", type=Path, required=True, help="token ids")
    parser.add_argument("--texts", type=Path, required=True, help="token ids")
    parser.add_argument("--reference", type=Path, required=True, help="embeddings, .npy")
    parser.add_argument("--threads", type=int, required=True)
    given = parser.parse_args()

    (calibration,) = read_sequences(given.calibration)
    (texts,) = read_sequences(given.texts)

    def options(precision: str) -> EngineOptions:
        return EngineOptions(
            given.model, given.cache, given.threads, precision, calibration.sequences
        )

    for product in EXPORTED:
        say(f"exporting for {product}, unless it was done")
        try:
            PRODUCTS[product](options("int8"))
        except Exception as error:
            say(f"no export for {product}: {type(error).__name__}: {error}")
    say("embedding in fp32")
    reference = embedded(
        PRODUCTS["pytorch"](options("fp32")), texts.sequences, pools_by_mean(given.model)
    )
    np.save(given.reference, reference)


if __name__ == "__main__":
    main()
