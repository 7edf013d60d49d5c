"""A model that makes no finite numbers of one word."""

from __future__ import annotations

import json
import shutil
import struct
from pathlib import Path

#: In the vocabulary, and in none of the texts that are meant to be encoded.
WORD = "ferns"

#: Finite, as weights must be; a row of them has no finite sum.
HUGE = struct.pack("<f", 3e38)[2:]

TENSOR = "embeddings.word_embeddings.weight"


def poison(model: Path, folder: Path) -> Path:
    """A copy of a model of bf16 safetensors, with the row of one word overwritten."""
    shutil.copytree(model, folder)
    vocabulary = (folder / "vocab.txt").read_text().splitlines()
    file = folder / "model.safetensors"
    content = bytearray(file.read_bytes())
    (length,) = struct.unpack("<Q", content[:8])
    entry = json.loads(content[8 : 8 + length])[TENSOR]
    assert entry["dtype"] == "BF16"
    columns = entry["shape"][1]
    begin = 8 + length + entry["data_offsets"][0] + vocabulary.index(WORD) * columns * 2
    content[begin : begin + columns * 2] = HUGE * columns
    file.write_bytes(content)
    return folder
