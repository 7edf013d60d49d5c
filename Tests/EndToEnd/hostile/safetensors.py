"""Files of safetensors with false statements."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from .case import Case, Spoil

BASE = "tokenizer-json"
FILE = "model.safetensors"
TENSOR = "encoder.layer.0.output.dense.weight"
MOST = (1 << 63) - 1

Header = dict[str, Any]

LIES: dict[str, dict[str, Any]] = {
    "shape-larger": {"shape": [10_000, 10_000]},
    "shape-negative": {"shape": [-1, -1]},
    "shape-overflowing": {"shape": [MOST, 3]},
    "shape-overflowing-to-fit": {"shape": [1 << 32, 1 << 32]},
    "shape-text": {"shape": "[16, 32]"},
    "shape-floats": {"shape": [16.5, 32]},
    "shape-past-64-bits": {"shape": [1 << 70]},
    "shape-none": {"shape": None},
    "shape-scalar": {"shape": []},
    "shape-long": {"shape": [1] * 10_000},
    "offsets-swapped": {"data_offsets": [2048, 0]},
    "offsets-negative": {"data_offsets": [-8, 2040]},
    "offsets-past-end": {"data_offsets": [0, 1 << 40]},
    "offsets-most": {"data_offsets": [MOST, MOST]},
    "offsets-floats": {"data_offsets": [0.0, 1e300]},
    "offsets-one": {"data_offsets": [0]},
    "offsets-three": {"data_offsets": [0, 1, 2]},
    "offsets-text": {"data_offsets": "0"},
    "offsets-none": {"data_offsets": None},
    "offsets-of-all": {"data_offsets": [0, 100]},
    **{
        f"dtype-{index}": {"dtype": kind}
        for index, kind in enumerate(
            ("F16", "F64", "I32", "I64", "BOOL", "F8_E4M3", "F\n3", "", 32, None)
        )
    },
}


def read(path: Path) -> tuple[Header, bytes]:
    """Returns the header and the data of a valid file."""
    content = path.read_bytes()
    end = 8 + int.from_bytes(content[:8], "little")
    return json.loads(content[8:end]), content[end:]


def write(path: Path, header: bytes, data: bytes, stated: int | None = None) -> None:
    """Writes a file with this header; None means the true length."""
    length = len(header) if stated is None else stated
    path.write_bytes(struct.pack("<Q", length) + header + data)


def with_header(change: Callable[[Header], object]) -> Spoil:
    """Changes the header's values."""

    def spoil(folder: Path) -> None:
        header, data = read(folder / FILE)
        change(header)
        write(folder / FILE, json.dumps(header).encode(), data)

    return spoil


def with_text(change: Callable[[bytes], bytes]) -> Spoil:
    """Changes the header's text."""

    def spoil(folder: Path) -> None:
        header, data = read(folder / FILE)
        write(folder / FILE, change(json.dumps(header).encode()), data)

    return spoil


def with_length(stated: int) -> Spoil:
    """Changes the stated length of the header."""

    def spoil(folder: Path) -> None:
        header, data = read(folder / FILE)
        write(folder / FILE, json.dumps(header).encode(), data, stated)

    return spoil


def with_number(value: float, place: int) -> Spoil:
    """Sets one number of a tensor."""

    def spoil(folder: Path) -> None:
        header, data = read(folder / FILE)
        start = header[TENSOR]["data_offsets"][0] + 4 * place
        data = data[:start] + struct.pack("<f", value) + data[start + 4 :]
        write(folder / FILE, json.dumps(header).encode(), data)

    return spoil


TEXTS: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "empty-object": lambda _: b"{}",
    "a-list": lambda _: b"[]",
    "cut": lambda text: text[:-20],
    "behind": lambda text: text + b"{}",
    "not-utf-8": lambda text: text.replace(b"encoder", b"\xff\xfecoder", 1),
    "lone-surrogate": lambda text: text.replace(b"encoder", b"\\ud800", 1),
    "key-twice": lambda text: b"{" + text[1:-1] + b"," + text[1:],
    "deep": lambda _: b'{"a":' * 100_000,
    "deep-lists": lambda text: (
        b'{"__metadata__":' + b"[" * 100_000 + b"]" * 100_000 + b"," + text[1:]
    ),
    "metadata-a-number": lambda text: b'{"__metadata__":7,' + text[1:],
    "metadata-nested": lambda text: b'{"__metadata__":{"a":{}},' + text[1:],
    "comment": lambda text: b"{/**/" + text[1:],
    "quotes": lambda text: text.replace(b'"', b"'"),
    "nul": lambda text: text[:5] + b"\0" + text[5:],
}


def drop(header: Header) -> None:
    del header[TENSOR]


def overlap(header: Header) -> None:
    other = next(name for name in header if name not in (TENSOR, "__metadata__"))
    header[other]["data_offsets"] = header[TENSOR]["data_offsets"]


def cases() -> Iterator[Case]:
    """Yields all cases."""
    for name, lie in LIES.items():
        yield Case(f"safetensors-{name}", BASE, with_header(partial(_tell, lie)))
    for change in (drop, overlap):
        yield Case(f"safetensors-{change.__name__}", BASE, with_header(change))
    for name, change_text in TEXTS.items():
        yield Case(f"safetensors-header-{name}", BASE, with_text(change_text))
    for stated in (0, 1, 9, 1 << 20, 100_000_001, 1 << 32, 1 << 63, (1 << 64) - 1):
        yield Case(f"safetensors-length-{stated}", BASE, with_length(stated))
    for value in (float("nan"), float("inf"), float("-inf")):
        for place in (0, 100):
            yield Case(f"safetensors-{value}-{place}", BASE, with_number(value, place))
    yield Case("safetensors-behind", BASE, lambda folder: _append(folder / FILE))


def _tell(lie: dict[str, Any], header: Header) -> None:
    header[TENSOR].update(lie)


def _append(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")
