"""Parses records of comma-separated values with a known delimiter and quoting."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .input_lines import BLANKS

#: A longer record has an unclosed quote and is not a document. In bytes.
RECORD_BYTES_MAX = 64 << 20

_BACKSLASH_ADVICE = "follows a backslash: --csv-quotes backslash reads it as a quote"
_NOT_CLOSED = "a quote is not closed up to the file's end"

_BLANK_BEFORE_QUOTE = re.compile(rb'[ \t\r]+"')

#: In place of a position in the line: the record has ended, continues in the next line, or never
#: ends.
_END, _OPEN, _NEVER = -1, -2, -3


@dataclass
class Record:
    """The fields between two line ends that are not in quotes."""

    #: The number of the first line, from 1.
    line: int
    fields: list[bytes] = field(default_factory=list)
    #: The reason if the record is invalid.
    reason: str | None = None
    #: Whether a quote is unclosed at the end of the file, or for too many bytes.
    has_no_end: bool = False
    #: The position of the first byte that is not valid UTF-8.
    invalid_byte: int | None = None
    #: Whether doubled quotes and backslash-escaped quotes give different records.
    depends_on_quotes: bool = False
    #: Whether a backslash precedes a quote that stands alone or closes a field.
    has_quote_behind_backslash: bool = False

    @property
    def needs_backslashes(self) -> bool:
        """Whether the record is invalid, and may be valid with backslash-escaped quotes."""
        return self.reason is not None and self.has_quote_behind_backslash

    def refuse(self, reason: str) -> None:
        """Stores why the record is invalid, and what may help."""
        hint = f"; one {_BACKSLASH_ADVICE}" if self.has_quote_behind_backslash else ""
        self.reason = reason + hint


class RecordParser:
    """Takes lines and returns the records that end with them."""

    def __init__(self, delimiter: bytes, *, has_backslashes: bool) -> None:
        self._delimiter = delimiter
        self._has_backslashes = has_backslashes
        self._plain = re.compile(rb"[^\n%b]*" % re.escape(delimiter))
        self._quoted = re.compile(
            rb'[^"\\]*(?:\\.[^"\\]*)*' if has_backslashes else rb'[^"]*', re.DOTALL
        )
        #: The incomplete record.
        self.record: Record | None = None
        #: The content so far of the open quoted field.
        self._parts: list[bytes] = []
        self._size = 0

    def last(self) -> Record | None:
        """Returns the record whose quote is unclosed at the end of the input, if there is one."""
        record = self.record
        if record is not None:
            record.has_no_end = True
            record.refuse(_NOT_CLOSED)
        return record

    def take(self, line: bytes, number: int) -> Record | None:
        """Returns the record that ends with this line, or None if none does."""
        place = 0
        if self.record is None:
            if not line.strip(BLANKS) and self._delimiter not in line:
                return None
            self.record = Record(number)
            self._size = 0
        else:
            place = self._take_quoted(line, 0)
        self._check_encoding(line)
        self._size += len(line)
        if self._size > RECORD_BYTES_MAX:
            self.record.reason = f"a record is longer than {RECORD_BYTES_MAX >> 20} MiB"
            place = _NEVER
        while place >= 0:
            if line.startswith(b'"', place):
                place = self._take_quoted(line, place + 1)
            else:
                place = self._take_plain(line, place)
        if place == _OPEN:
            return None
        record, self.record = self.record, None
        record.has_no_end = place == _NEVER
        return record

    def _take_plain(self, line: bytes, place: int) -> int:
        """Takes a field and returns the position of the next one."""
        found = self._plain.match(line, place)
        assert found is not None
        value, end = found.group(), found.end()
        if _BLANK_BEFORE_QUOTE.match(value):
            return self._fail("a blank before a quote")
        if line.startswith(self._delimiter, end):
            self._add(value)
            return end + 1
        self._add(value.removesuffix(b"\r"))
        return _END

    def _take_quoted(self, line: bytes, place: int) -> int:
        """Takes a quoted field, starting after its opening quote."""
        assert self.record is not None
        while True:
            found = self._quoted.match(line, place)
            assert found is not None
            part, end = found.group(), found.end()
            self._parts.append(part)
            is_closed = line.startswith(b'"', end)
            follows_backslash = is_closed and not self._has_backslashes and part.endswith(b"\\")
            if follows_backslash:
                self.record.has_quote_behind_backslash = self.record.depends_on_quotes = True
            elif b"\\\\" in part:
                self.record.depends_on_quotes = True
            if not is_closed:
                # A backslash at the end of the file escapes nothing.
                return _OPEN
            if not line.startswith(b'""', end):
                break
            self._parts.append(b'\\"' if self._has_backslashes else b'"')
            place = end + 2
        value = b"".join(self._parts)
        self._parts = []
        if self._has_backslashes:
            value = re.sub(rb'\\(["\\])', rb"\1", value)
        rest = end + 1
        if line.startswith(self._delimiter, rest):
            self._add(value)
            return rest + 1
        if line[rest:].strip(b"\r\n"):
            if not follows_backslash:
                return self._fail("text behind a closing quote")
            self.record.reason = f"text behind a closing quote that {_BACKSLASH_ADVICE}"
            return _END
        self._add(value)
        return _END

    def _add(self, value: bytes) -> None:
        assert self.record is not None
        self.record.fields.append(value)

    def _fail(self, reason: str) -> int:
        """Marks the record as invalid up to the end of this line."""
        assert self.record is not None
        self.record.refuse(reason)
        return _END

    def _check_encoding(self, line: bytes) -> None:
        assert self.record is not None
        if line.isascii() or self.record.invalid_byte is not None:
            return
        try:
            line.decode()
        except UnicodeDecodeError as error:
            self.record.invalid_byte = self._size + error.start
