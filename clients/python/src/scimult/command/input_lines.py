"""The lines of a file, packed by gzip or not, read as they are needed."""

from __future__ import annotations

import io
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from .failure import CommandFailed

#: A line that is longer is no document.
LINE_BYTES_MAX = 64 << 20

_CHUNK_BYTES = 1 << 18
_GZIP_MAGIC = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class InputLines:
    """An iterator of lines, each with its line feed. ``position`` is how much was read, in bytes.

    Whether the file is packed, its first two bytes tell, whatever its name.
    """

    def __init__(self, name: str) -> None:
        """``-`` is standard input."""
        self.name = "standard input" if name == "-" else name
        self._file: io.BufferedReader | BinaryIO = (
            sys.stdin.buffer if name == "-" else Path(name).open("rb")  # noqa: SIM115
        )
        #: The file's size in bytes; None where it has no end that is known.
        self.size = None if name == "-" else Path(name).stat().st_size or None
        self.position = 0
        #: Lines that were given.
        self.count = 0
        self._buffer = bytearray()
        self._searched = 0
        self._chunks = self._unpacked(self._read())

    def close(self) -> None:
        """Closes the file."""
        if self._file is not sys.stdin.buffer:
            self._file.close()

    def head(self, size: int) -> bytes:
        """The first bytes, so many or all there are, which are given as lines all the same."""
        while len(self._buffer) < size and self._take():
            pass
        return bytes(self._buffer[:size])

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        while (end := self._buffer.find(b"\n", self._searched) + 1) == 0:
            self._searched = len(self._buffer)
            if self._searched > LINE_BYTES_MAX:
                self.fail(f"line {self.count + 1}: longer than {LINE_BYTES_MAX} bytes")
            if not self._take():
                end = len(self._buffer)
                if end == 0:
                    raise StopIteration
                break
        line = bytes(self._buffer[:end])
        del self._buffer[:end]
        self._searched = 0
        self.count += 1
        if self.count == 1:
            self._check_first(line)
            return line.removeprefix(_BYTE_ORDER_MARK)
        return line

    def fail(self, reason: str) -> None:
        """Raises what is wrong with the whole file."""
        raise CommandFailed(f"{self.name}: {reason}")

    def _check_first(self, line: bytes) -> None:
        if line.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in line:
            self.fail("is UTF-16; save it as UTF-8")

    def _take(self) -> bool:
        chunk = next(self._chunks, b"")
        self._buffer += chunk
        return bool(chunk)

    def _read(self) -> Iterator[bytes]:
        while chunk := self._file.read1(_CHUNK_BYTES):  # type: ignore[union-attr]
            self.position += len(chunk)
            yield chunk

    def _unpacked(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        first = b""
        while len(first) < len(_GZIP_MAGIC) and (chunk := next(chunks, b"")):
            first += chunk
        if first.startswith(_GZIP_MAGIC):
            yield from self._inflated(first, chunks)
        elif first:
            yield first
            yield from chunks

    def _inflated(self, packed: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """What gzip's members hold, one after the other, no more than a chunk of it at once."""
        member = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        ended = False
        try:
            while True:
                if ended:
                    # Tapes and object stores fill up with zeros.
                    packed = packed.lstrip(b"\0") if packed.startswith(b"\0") else packed
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
            self.fail(f"the compressed file is damaged, at byte {self.position} or before: {error}")
        if not ended:
            self.fail("the compressed file ends too early")
