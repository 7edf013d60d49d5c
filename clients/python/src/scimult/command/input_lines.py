"""Reads the lines of a file."""

from __future__ import annotations

from collections.abc import Iterator

from .input_bytes import InputBytes, with_beginning

#: A longer line is not a document.
LINE_BYTES_MAX = 64 << 20

#: A line of only these bytes is blank.
BLANKS = b" \t\r\n"

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


class InputLines:
    """An iterator of lines with their line feeds; an empty line is a pause of a pipe's writer."""

    def __init__(self, source: InputBytes) -> None:
        self._source = source
        #: The number of lines returned so far, and of their bytes.
        self.count = self.offset = 0
        self._is_paused = False
        self._has_begun = self._is_encoding_known = False
        self._buffer = bytearray()
        self._searched = 0
        self._chunks = with_beginning(source, len(_BYTE_ORDER_MARK))

    @property
    def may_wait(self) -> bool:
        """Whether the next line may take time to arrive."""
        return self._source.may_wait

    def unread(self) -> bytes:
        """The bytes that were read and not yet returned as lines."""
        return bytes(self._buffer)

    def fill(self) -> bool:
        """Reads the next chunk; returns whether there was one."""
        chunk = next(self._chunks, b"")
        self._buffer += chunk
        self._is_paused = False
        if not self._has_begun:
            self._has_begun = True
            self._begin()
        return bool(chunk)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        while (end := self._buffer.find(b"\n", self._searched) + 1) == 0:
            self._searched = len(self._buffer)
            if self._searched > LINE_BYTES_MAX:
                limit = LINE_BYTES_MAX >> 20
                self._source.fail(f"line {self.count + 1}: is longer than {limit} MiB")
            # If the caller already knows of the pause, wait for the next line.
            if not self._is_paused and self._source.would_wait():
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
        if not self._is_encoding_known and line.strip(BLANKS):
            self._is_encoding_known = True
            if b"\0" in line:
                self._fail_as_utf16()
        return line

    def _begin(self) -> None:
        if self._buffer.startswith(_UTF16_MARKS):
            self._fail_as_utf16()
        if self._buffer.startswith(_BYTE_ORDER_MARK):
            del self._buffer[: len(_BYTE_ORDER_MARK)]
            self.offset = len(_BYTE_ORDER_MARK)

    def _fail_as_utf16(self) -> None:
        self._source.fail("is UTF-16; save it as UTF-8")
