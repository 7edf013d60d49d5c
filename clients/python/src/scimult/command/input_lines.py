"""The lines of a file, packed by gzip or not, read as they are needed."""

from __future__ import annotations

import io
import os
import select
import stat
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
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_BLANKS = b" \t\r\n"

#: What the writer of a pipe may take until the next line, before it counts as a pause.
_PATIENCE_SECONDS = 0.02


class InputLines:
    """An iterator of lines, each with its line feed; an empty one is a pause of a pipe's writer.

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
        #: How much was read, in bytes.
        self.position = 0
        #: Lines that were given, and their bytes.
        self.count = self.offset = 0
        #: Whether it is a pipe, a terminal or a device, whose writer may pause.
        self.may_wait = not stat.S_ISREG(os.fstat(self._file.fileno()).st_mode)
        self._is_paused = False
        self._has_begun = self._is_encoding_known = False
        self._buffer = bytearray()
        self._searched = 0
        self._chunks = self._unpacked(self._read())

    def close(self) -> None:
        """Closes the file."""
        if self._file is not sys.stdin.buffer:
            self._file.close()

    def unread(self) -> bytes:
        """What was read, and not yet given as lines."""
        return bytes(self._buffer)

    def fill(self) -> bool:
        """Reads on, if only a little; whether there was something to read."""
        chunk = next(self._chunks, b"")
        self._buffer += chunk
        self._is_paused = False
        while not self._has_begun:
            if len(self._buffer) >= len(_BYTE_ORDER_MARK) or not chunk:
                self._has_begun = True
                self._begin()
            else:
                chunk = next(self._chunks, b"")
                self._buffer += chunk
        return bool(chunk)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        while (end := self._buffer.find(b"\n", self._searched) + 1) == 0:
            self._searched = len(self._buffer)
            if self._searched > LINE_BYTES_MAX:
                self.fail(f"line {self.count + 1}: is longer than {LINE_BYTES_MAX >> 20} MiB")
            if self._would_wait():
                self._is_paused = True
                return b""
            if not self.fill():
                end = len(self._buffer)
                if end == 0:
                    raise StopIteration
                break
        line = bytes(self._buffer[:end])
        del self._buffer[:end]
        self._searched = 0
        self.count += 1
        self.offset += end
        if not self._is_encoding_known and line.strip(_BLANKS):
            self._is_encoding_known = True
            if b"\0" in line:
                self._fail_as_utf16()
        return line

    def fail(self, reason: str) -> None:
        """Raises what is wrong with the whole file."""
        raise CommandFailed(f"{self.name}: {reason}")

    def _begin(self) -> None:
        if self._buffer.startswith(_UTF16_MARKS):
            self._fail_as_utf16()
        if self._buffer.startswith(_BYTE_ORDER_MARK):
            del self._buffer[: len(_BYTE_ORDER_MARK)]
            self.offset = len(_BYTE_ORDER_MARK)

    def _fail_as_utf16(self) -> None:
        self.fail("is UTF-16; save it as UTF-8")

    def _would_wait(self) -> bool:
        if not self.may_wait or self._is_paused or not hasattr(select, "poll"):
            return False
        readable = select.poll()
        readable.register(self._file, select.POLLIN)
        return not readable.poll(_PATIENCE_SECONDS * 1000)

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
