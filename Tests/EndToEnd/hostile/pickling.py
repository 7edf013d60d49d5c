"""Reads pickles of torch.save as data, and writes them by opcodes, without torch."""

from __future__ import annotations

import pickle
import struct
from collections import OrderedDict
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any


@dataclass(frozen=True)
class Symbol:
    """A global that a pickle imports."""

    module: str
    name: str


@dataclass(frozen=True)
class Call:
    """A call of an imported global."""

    function: Any
    arguments: tuple[Any, ...]


@dataclass(frozen=True)
class Opcodes:
    """Raw opcodes that push one value."""

    code: bytes


@dataclass(frozen=True)
class Storage:
    """A storage, by its persistent id."""

    kind: str
    key: str
    count: int


@dataclass
class Tensor:
    """The arguments of `_rebuild_tensor_v2`."""

    storage: Any
    offset: Any
    shape: Any
    strides: Any
    requires_grad: Any = False
    hooks: Any = field(default_factory=lambda: Call(Symbol("collections", "OrderedDict"), ()))


REBUILD_TENSOR = Symbol("torch._utils", "_rebuild_tensor_v2")


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda *arguments: Tensor(*arguments[:5])
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        return name.removesuffix("Storage")

    def persistent_load(self, identifier: Any) -> Storage:
        _, kind, key, _, count = identifier
        return Storage(kind, key, count)


def load(content: bytes) -> Any:
    """Returns the value of a checkpoint's data.pkl."""
    return _Reader(BytesIO(content)).load()


def dump(value: Any) -> bytes:
    """Returns a complete pickle."""
    return b"\x80\x02" + opcodes(value) + b"."


def opcodes(value: Any) -> bytes:
    """Returns the opcodes that push a value."""
    match value:
        case Opcodes(code):
            return code
        case None:
            return b"N"
        case bool():
            return b"\x88" if value else b"\x89"
        case int():
            count = value.bit_length() // 8 + 1
            return b"\x8a" + bytes([count]) + value.to_bytes(count, "little", signed=True)
        case float():
            return b"G" + struct.pack(">d", value)
        case str():
            text = value.encode()
            return b"X" + struct.pack("<I", len(text)) + text
        case tuple():
            return b"(" + b"".join(map(opcodes, value)) + b"t"
        case list():
            return b"](" + b"".join(map(opcodes, value)) + b"e"
        case dict():
            items = b"".join(opcodes(key) + opcodes(item) for key, item in value.items())
            return b"}(" + items + b"u"
        case Symbol(module, name):
            return b"c" + f"{module}\n{name}\n".encode()
        case Call(function, arguments):
            return opcodes(function) + opcodes(arguments) + b"R"
        case Storage(kind, key, count):
            kind_symbol = Symbol("torch", f"{kind}Storage")
            return opcodes(("storage", kind_symbol, key, "cpu", count)) + b"Q"
        case Tensor():
            parts = (value.storage, value.offset, value.shape, value.strides)
            return opcodes(Call(REBUILD_TENSOR, (*parts, value.requires_grad, value.hooks)))
    raise TypeError(f"{value!r} cannot be pickled")
