"""Reads the bytes of a file as they are needed, decompressed if gzip compressed them."""

from __future__ import annotations

import io
import os
import select
import stat
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NoReturn

from .failure import CommandFailed

_CHUNK_BYTES = 1 << 18
_GZIP_MAGIC = b"\x1f\x8b"

#: If a pipe's writer sends nothing for longer than this, that counts as a pause.
_PATIENCE_SECONDS = 0.02


class InputBytes:
    """An iterator of chunks, none of them empty.

    The first two bytes, not the name, determine whether the file is compressed.
    """

    def __init__(self, name: str) -> None:
        """``-`` is standard input."""
        self.name = "standard input" if name == "-" else name
        self._file: io.BufferedReader | BinaryIO = (
            sys.stdin.buffer if name == "-" else Path(name).open("rb")  # noqa: SIM115
        )
        #: The file's size in bytes, or None if it is unknown.
        self.size = None if name == "-" else Path(name).stat().st_size or None
        #: The number of bytes that were read.
        self.position = 0
        #: Whether it is a pipe, a terminal or a device, whose writer may pause.
        self.may_wait = not stat.S_ISREG(os.fstat(self._file.fileno()).st_mode)
        self._chunks = self._unpacked()

    def close(self) -> None:
        """Closes the file."""
        if self._file is not sys.stdin.buffer:
            self._file.close()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._chunks)

    def would_wait(self) -> bool:
        """Whether the writer pauses: no data arrives for a moment."""
        if not self.may_wait or not hasattr(select, "poll"):
            return False
        readable = select.poll()
        readable.register(self._file, select.POLLIN)
        return not readable.poll(_PATIENCE_SECONDS * 1000)

    def fail(self, reason: str) -> NoReturn:
        """Raises an error about the whole file."""
        raise CommandFailed(f"{self.name}: {reason}")

    def _read(self) -> Iterator[bytes]:
        while chunk := self._file.read1(_CHUNK_BYTES):  # type: ignore[union-attr]
            self.position += len(chunk)
            yield chunk

    def _unpacked(self) -> Iterator[bytes]:
        chunks = with_beginning(self._read(), len(_GZIP_MAGIC))
        first = next(chunks, b"")
        if first.startswith(_GZIP_MAGIC):
            yield from self._inflated(first, chunks)
        elif first:
            yield first
            yield from chunks

    def _inflated(self, packed: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Yields the content of consecutive gzip members, at most one chunk at a time."""
        member = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        ended = False
        try:
            while True:
                if ended:
                    # Tapes and object stores pad files with zeros.
                    packed = packed.lstrip(b"\0")
                    if packed and not packed.startswith(_GZIP_MAGIC[:1]):
                        raise zlib.error("other bytes follow its end")
                    if packed:
                        member, ended = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS), False
                if packed:
                    if plain := member.decompress(packed, _CHUNK_BYTES):
                        yield plain
                    ended = member.eof
                    packed = member.unused_data if ended else member.unconsumed_tail
                if not packed:
                    packed = next(chunks, b"")
                    if not packed:
                        break
        except zlib.error as error:
            reason = str(error).rpartition("while decompressing data: ")[2]
            place = f"at byte {self.position} or before"
            self.fail(f"the compressed file is damaged, {place}: {reason}")
        if not ended:
            self.fail("the compressed file ends too early")


def with_beginning(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Yields the chunks; the first has at least ``size`` bytes if the input has that many."""
    first = b""
    while len(first) < size and (chunk := next(chunks, b"")):
        first += chunk
    if first:
        yield first
    yield from chunks
