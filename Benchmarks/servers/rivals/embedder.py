"""Embeds texts with an alternative engine, in the form in which it serves best."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from shared.batches import Batch, FloatArray, pad_columns, padded_batches
from shared.peers.engine import Engine, EngineOptions
from shared.peers.openvino import bucket
from shared.peers.registry import PRODUCTS
from shared.pooling import normalized, pooled, pools_by_mean
from shared.sequences import read_sequences
from tokenizers import Tokenizer

SHORT_TOKENS_MAX = 32
"""The maximum length of queries; longer texts are papers."""

Shape = tuple[int, int]
"""Rows and columns of a batch."""


@dataclass(frozen=True)
class Plan:
    """The batches of an engine. With these sizes it is about fastest on one thread."""

    engine: str
    short_rows: int
    long_rows: int
    shapes: frozenset[Shape] = field(default_factory=frozenset)
    """Shapes for which a model is compiled at the start. Others use a model for all shapes."""
    is_slow_at_first: bool = False
    """Whether each new shape takes time, so that batches should have few widths."""


STATIC_SHAPES = frozenset(
    [(1, columns) for columns in (16, 24, 32, 64)]
    + [(16, columns) for columns in (16, 24, 32)]
    + [(4, columns) for columns in range(80, 257, 16)]
)
"""Each takes 80 MB and a second to compile, so only frequent shapes are included."""

PLANS = {
    "onnxruntime": Plan("onnxruntime", short_rows=16, long_rows=4),
    "openvino": Plan("openvino", short_rows=16, long_rows=4, is_slow_at_first=True),
    "openvino-static": Plan(
        "openvino", short_rows=16, long_rows=4, shapes=STATIC_SHAPES, is_slow_at_first=True
    ),
}


class Embedder:
    """A loaded model. It is not thread-safe."""

    def __init__(self, engine: Engine, tokenizer: Tokenizer, by_mean: bool, plan: Plan) -> None:
        self.engine = engine
        self.tokenizer = tokenizer
        self.by_mean = by_mean
        self.plan = plan
        for shape in [*plan.shapes, (1, SHORT_TOKENS_MAX)]:
            ones = np.ones(shape, np.int64)
            self.run(Batch(list(range(shape[0])), ones, ones))

    @classmethod
    def load(cls, model: Path, cache: Path, calibration: Path, plan: Plan) -> Embedder:
        """Loads the int8 export of a model, which `prepare.py` has made."""
        (workload,) = read_sequences(calibration)
        options = EngineOptions(model, cache, 1, "int8", workload.sequences)
        tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.enable_truncation(longest_text(model))
        return cls(PRODUCTS[plan.engine](options), tokenizer, pools_by_mean(model), plan)

    def embed(self, texts: Sequence[str]) -> tuple[FloatArray, list[int]]:
        """Returns vectors of length one, (n, d), and the tokens of each text."""
        ids = [encoding.ids for encoding in self.tokenizer.encode_batch(list(texts))]
        vectors: dict[int, FloatArray] = {}
        for batch in self.batches(ids):
            vectors.update(zip(batch.rows, self.run(batch), strict=True))
        return np.stack([vectors[row] for row in range(len(ids))]), [len(each) for each in ids]

    def batches(self, ids: Sequence[Sequence[int]]) -> Iterator[Batch]:
        """Yields batches of texts with similar lengths."""
        short = [row for row, each in enumerate(ids) if len(each) <= SHORT_TOKENS_MAX]
        long = [row for row, each in enumerate(ids) if len(each) > SHORT_TOKENS_MAX]
        for rows, size in ((short, self.plan.short_rows), (long, self.plan.long_rows)):
            for batch in padded_batches([ids[row] for row in rows], size):
                yield replace(batch, rows=[rows[place] for place in batch.rows])

    def run(self, batch: Batch) -> FloatArray:
        """Returns vectors of length one for the rows of a batch."""
        columns, form = self.form(batch.ids.shape)
        wide = replace(
            batch, ids=pad_columns(batch.ids, columns), mask=pad_columns(batch.mask, columns)
        )
        return normalized(pooled(self.engine.run(wide, form), batch.mask, self.by_mean))

    def form(self, shape: Shape) -> tuple[int, str]:
        """Returns the number of columns and the form for a batch.

        This is the smallest compiled shape that fits the batch, if there is one.
        """
        rows, longest = shape
        widths = [columns for each, columns in self.plan.shapes if each == rows]
        fitting = min((columns for columns in widths if columns >= longest), default=None)
        if fitting is not None:
            return fitting, "static"
        return bucket(longest) if self.plan.is_slow_at_first else longest, "dynamic"


def longest_text(model: Path) -> int:
    """Returns the number of tokens after which a text is truncated."""
    path = model / "sentence_bert_config.json"
    if path.exists():
        return int(json.loads(path.read_text(encoding="utf-8"))["max_seq_length"])
    config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    return int(config["max_position_embeddings"])
