"""Writes a weights file like torch 0.2 and 0.3 on Python 2, which torch can still read.

Strings are byte strings, an OrderedDict is made from a list of lists, tensors are rebuilt by the
first version of the function, and a storage may be accessed through views.
"""

from __future__ import annotations

import pickle
import struct
from pathlib import Path

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001
SYSTEM = {
    "protocol_version": PROTOCOL,
    "type_sizes": {"int": 4, "short": 2, "long": 4},
    "little_endian": True,
}
Shape = tuple[int, ...]
# Key of the storage; first element and number of elements of the view, or None; shape; strides.
OldTensor = tuple[str, tuple[int, int] | None, Shape, Shape]


def _text(text: str) -> bytes:
    return b"U" + bytes([len(text)]) + text.encode()


def _integers(integers: Shape) -> bytes:
    return b"(" + b"".join(b"K" + bytes([number]) for number in integers) + b"t"


def _tensor(tensor: OldTensor, count: int) -> bytes:
    key, view, shape, strides = tensor
    seen = b"N" if view is None else b"(" + _text(f"{key}{view[0]}") + _integers(view)[1:-1] + b"t"
    storage = (
        b"("
        + _text("storage")
        + b"ctorch\nFloatStorage\n"
        + _text(key)
        + _text("cpu")
        + b"K"
        + bytes([count])
        + seen
        + b"tQ"
    )
    arguments = b"(" + storage + b"K\0" + _integers(shape) + _integers(strides) + b"t"
    return b"ctorch._utils\n_rebuild_tensor\n" + arguments + b"R"


def write_old_file(
    path: Path, tensors: dict[str, OldTensor], storages: dict[str, list[float]]
) -> None:
    """Write tensors of fewer than 256 elements."""
    pairs = b"".join(
        b"](" + _text(name) + _tensor(tensor, len(storages[tensor[0]])) + b"e"
        for name, tensor in tensors.items()
    )
    state = b"\x80\x02ccollections\nOrderedDict\n](" + pairs + b"e\x85R."
    keys = b"\x80\x02](" + b"".join(map(_text, storages)) + b"e."
    head = b"".join(pickle.dumps(value, 2) for value in (MAGIC, PROTOCOL, SYSTEM))
    elements = b"".join(
        struct.pack(f"<q{len(values)}f", len(values), *values) for values in storages.values()
    )
    path.write_bytes(head + state + keys + elements)
