"""Tensors with invalid shapes, strides, storages or numbers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from .case import Case
from .checkpoint import PREFIX, Checkpoint, with_number, with_tensor, with_value
from .pickling import Storage, Symbol, Tensor

BASE = "vanilla"
MATRIX = "encoder.layer.0.output.dense.weight"
VECTOR = "encoder.layer.0.output.dense.bias"
MOST = (1 << 63) - 1

GEOMETRY: dict[str, dict[str, Any]] = {
    "shape-larger": {"shape": (10_000, 32)},
    "shape-smaller": {"shape": (1, 1)},
    "shape-turned": {"shape": (32, 16), "strides": (16, 1)},
    "shape-negative": {"shape": (-16, -32)},
    "shape-overflowing": {"shape": (MOST, 2), "strides": (1, 1)},
    "shape-overflowing-to-fit": {"shape": (1 << 62, 4), "strides": (0, 0)},
    "shape-empty": {"shape": (0, 32)},
    "shape-empty-overflowing": {"shape": (0, MOST, MOST), "strides": (1, 1, 1)},
    "shape-none": {"shape": (), "strides": ()},
    "shape-deep": {"shape": (1,) * 65, "strides": (1,) * 65},
    "shape-ones": {"shape": (1,) * 64, "strides": (1,) * 64},
    "shape-of-text": {"shape": ("16", "32")},
    "shape-of-floats": {"shape": (16.0, 32.0)},
    "shape-a-list": {"shape": [16, 32]},
    "shape-a-number": {"shape": 16},
    "shape-missing": {"shape": None},
    "shape-long": {"shape": tuple(range(1, 10_000))},
    "strides-zero": {"strides": (0, 0)},
    "strides-overlapping": {"strides": (1, 1)},
    "strides-negative": {"strides": (-32, -1), "offset": 511},
    "strides-overflowing": {"strides": (MOST, MOST)},
    "strides-past-end": {"strides": (33, 1)},
    "strides-fewer": {"strides": (1,)},
    "strides-more": {"strides": (32, 1, 1)},
    "strides-of-text": {"strides": ("32", "1")},
    "offset-one": {"offset": 1},
    "offset-past-end": {"offset": 1 << 40},
    "offset-most": {"offset": MOST},
    "offset-negative": {"offset": -1},
    "offset-text": {"offset": "0"},
    "storage-none": {"storage": None},
    "storage-a-class": {"storage": Symbol("torch", "FloatStorage")},
    "storage-a-tuple": {"storage": ("storage", "0")},
}

STORAGES: dict[str, dict[str, Any]] = {
    "count-less": {"count": 511},
    "count-more": {"count": 513},
    "count-most": {"count": MOST},
    "count-overflowing": {"count": 1 << 62},
    "count-negative": {"count": -512},
    "count-text": {"count": "512"},
    "key-missing": {"key": "1000"},
    "key-above": {"key": "../data.pkl"},
    "key-absolute": {"key": "/etc/passwd"},
    "key-none": {"key": ""},
    "key-long": {"key": "9" * 100_000},
    "key-number": {"key": 0},
    **{
        f"kind-{kind}": {"kind": kind}
        for kind in (
            "Half",
            "BFloat16",
            "Double",
            "Long",
            "Int",
            "Byte",
            "Bool",
            "ComplexFloat",
            "QInt8",
            "Untyped",
        )
    },
}


def of_integers(checkpoint: Checkpoint) -> None:
    """Numbers of the right size and the wrong type."""
    tensor = checkpoint["model_dict"][PREFIX + MATRIX]
    tensor.storage = Storage("Int", tensor.storage.key, tensor.storage.count)


def of_another(checkpoint: Checkpoint) -> None:
    """A tensor in the storage of a smaller one."""
    tensors = checkpoint["model_dict"]
    tensors[PREFIX + MATRIX].storage = tensors[PREFIX + VECTOR].storage


def misnamed(checkpoint: Checkpoint) -> None:
    tensors = checkpoint["model_dict"]
    tensors[PREFIX + "encoder.layer.99.output.dense.weight"] = tensors.pop(PREFIX + MATRIX)


def numbers() -> Iterator[Case]:
    """Yields weights that are not numbers, in several tensors, positions and types."""
    names = {
        "words": "embeddings.word_embeddings.weight",
        "positions": "embeddings.position_embeddings.weight",
        "norm": "embeddings.LayerNorm.weight",
        "matrix": MATRIX,
        "bias": VECTOR,
        "query": "encoder.layer.0.attention.self.query.weight",
    }
    for what, name in names.items():
        for value in (float("nan"), float("inf"), float("-inf")):
            place = 0 if value > 0 else -1
            yield Case(f"number-{value}-{what}", BASE, with_number(name, value, place=place))
    for kind in ("Half", "Double"):
        yield Case(f"number-nan-{kind}", BASE, with_number(MATRIX, float("nan"), kind=kind))
    yield Case("number-past-single", BASE, with_number(MATRIX, 1e300, kind="Double"))


def cases() -> Iterator[Case]:
    """Yields all cases."""
    for name, lie in GEOMETRY.items():
        yield Case(f"tensor-{name}", BASE, with_tensor(MATRIX, partial(_set, lie)))
    for name, lie in STORAGES.items():
        yield Case(f"tensor-storage-{name}", BASE, with_tensor(MATRIX, partial(_store, lie)))
    for change in (of_integers, of_another, misnamed):
        yield Case(f"tensor-{change.__name__}", BASE, with_value(change))
    for name, value in {"text": "x", "none": None, "list": [], "number": 7}.items():
        yield Case(f"tensor-a-{name}", BASE, with_value(partial(_put, value)))
    yield from numbers()


def _set(lie: dict[str, Any], tensor: Tensor) -> None:
    for field, value in lie.items():
        setattr(tensor, field, value)


def _store(lie: dict[str, Any], tensor: Tensor) -> None:
    storage = tensor.storage
    truth = {"kind": storage.kind, "key": storage.key, "count": storage.count}
    tensor.storage = Storage(**{**truth, **lie})


def _put(value: Any, checkpoint: Checkpoint) -> None:
    checkpoint["model_dict"][PREFIX + MATRIX] = value
