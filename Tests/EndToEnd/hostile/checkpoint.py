"""Changes a SciMult checkpoint: the pickled value, or the archive around it."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import pickling
from .case import Spoil
from .pickling import Storage, Tensor
from .zip_file import Archive

Checkpoint = dict[str, Any]
FILE = "scimult.ckpt"
PREFIX = "question_model.encoder."


def with_value(change: Callable[[Checkpoint], object]) -> Spoil:
    """Changes the pickled value."""

    def spoil(folder: Path) -> None:
        archive = Archive.read(folder / FILE)
        pickle = archive.member("/data.pkl")
        value = pickling.load(pickle.content)
        change(value)
        pickle.content = pickling.dump(value)
        (folder / FILE).write_bytes(archive.content())

    return spoil


def with_pickle(content: bytes) -> Spoil:
    """Replaces the checkpoint's pickle."""

    def spoil(folder: Path) -> None:
        archive = Archive.read(folder / FILE)
        archive.member("/data.pkl").content = content
        (folder / FILE).write_bytes(archive.content())

    return spoil


def with_archive(change: Callable[[Archive], object]) -> Spoil:
    """Changes the archive; if the change returns bytes, these are the file."""

    def spoil(folder: Path) -> None:
        archive = Archive.read(folder / FILE)
        content = change(archive)
        content = content if isinstance(content, bytes) else archive.content()
        (folder / FILE).write_bytes(content)

    return spoil


def with_tensor(name: str, change: Callable[[Tensor], object]) -> Spoil:
    """Changes a tensor in the pickle; if the change returns a tensor, it is used instead."""

    def spoil(checkpoint: Checkpoint) -> None:
        tensors = checkpoint["model_dict"]
        tensor = change(tensors[PREFIX + name])
        if tensor is not None:
            tensors[PREFIX + name] = tensor

    return with_value(spoil)


def with_number(name: str, value: float, *, kind: str = "Float", place: int = -1) -> Spoil:
    """Sets one number of a tensor, and updates the checksum."""
    code = {"Float": "f", "Half": "e", "Double": "d"}[kind]

    def spoil(folder: Path) -> None:
        archive = Archive.read(folder / FILE)
        pickle = archive.member("/data.pkl")
        checkpoint = pickling.load(pickle.content)
        tensor: Tensor = checkpoint["model_dict"][PREFIX + name]
        storage = archive.member(f"/data/{tensor.storage.key}")
        numbers = list(struct.unpack(f"<{tensor.storage.count}f", storage.content))
        numbers[place] = value
        storage.content = struct.pack(f"<{len(numbers)}{code}", *numbers)
        tensor.storage = Storage(kind, tensor.storage.key, tensor.storage.count)
        pickle.content = pickling.dump(checkpoint)
        (folder / FILE).write_bytes(archive.content())

    return spoil
