"""Records of comma-separated values, and which delimiter and quotes a file has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

#: A longer record is a quote that is not closed, and no document. In bytes.
RECORD_BYTES_MAX = 64 << 20

DELIMITERS = {"comma": b",", "semicolon": b";", "tab": b"\t"}

_BACKSLASH_HINT = " that follows a backslash: --csv-quotes backslash reads it as a quote"
_BEHIND = "text behind a closing quote"


@dataclass(frozen=True)
class Dialect:
    """How a file writes its fields."""

    delimiter: bytes
    #: Whether a quote inside of quotes is ``\\"``; ``""`` is one in any case.
    has_backslashes: bool = False


@dataclass
class Record:
    """The fields between two line ends that are not in quotes."""

    #: The first line, from 1.
    line: int
    fields: list[bytes] = field(default_factory=list)
    #: Why it is no record.
    reason: str | None = None
    #: Whether a quote is open that is not closed up to the file's end, or far too late.
    has_no_end: bool = False

    @property
    def is_of_backslashes(self) -> bool:
        """Whether it is bad, and may be good where backslashes make quotes."""
        return self.reason == _BEHIND + _BACKSLASH_HINT


def records_of(lines: Iterable[bytes], dialect: Dialect) -> Iterator[Record]:
    """The records of lines, empty ones left out; the last one may be without end."""
    reader = _Reader(dialect)
    for number, line in enumerate(lines, 1):
        if record := reader.take(line, number):
            yield record
    if reader.record is not None:
        record = reader.record
        record.has_no_end, record.reason = True, "a quote is not closed up to the file's end"
        yield record


def delimiter_of(header: bytes) -> bytes:
    """The delimiter that makes the most columns of a header."""
    return max(DELIMITERS.values(), key=lambda one: _columns(header, one))


def has_backslashes(head: bytes, delimiter: bytes, *, is_whole: bool) -> bool:
    """Whether backslashes make quotes, by the file's first bytes, or all of them.

    They do where a record is bad without them, and all are good with them.
    """
    lines = [line + b"\n" for line in head.split(b"\n")]
    doubled = records_of(lines, Dialect(delimiter))
    if not any(record.is_of_backslashes for record in doubled):
        return False
    escaped = list(records_of(lines, Dialect(delimiter, has_backslashes=True)))
    if not is_whole:
        # The last one is cut.
        escaped.pop()
    return not any(record.reason for record in escaped)


def _columns(header: bytes, delimiter: bytes) -> int:
    (record,) = list(records_of([header], Dialect(delimiter))) or [Record(1)]
    return len(record.fields)


class _Reader:
    """Takes lines and gives the records that end with them."""

    def __init__(self, dialect: Dialect) -> None:
        delimiter = re.escape(dialect.delimiter)
        self._delimiter = dialect.delimiter
        self._has_backslashes = dialect.has_backslashes
        self._plain = re.compile(rb"[^\n%b]*" % delimiter)
        self._blank_before_quote = re.compile(rb'[ \t]+"')
        self._quoted = re.compile(
            rb'[^"\\]*(?:\\.[^"\\]*)*' if dialect.has_backslashes else rb'[^"]*', re.DOTALL
        )
        #: The one that is not at its end.
        self.record: Record | None = None
        #: What the quotes hold that are open.
        self._parts: list[bytes] = []
        self._size = 0

    def take(self, line: bytes, number: int) -> Record | None:
        """The record that ends with this line, where one does."""
        place = 0
        if self.record is None:
            if not line.strip(b" \t\r\n") and self._delimiter not in line:
                return None
            self.record = Record(number)
            self._size = 0
        else:
            place = self._take_quoted(line, 0)
        self._size += len(line)
        if self._size > RECORD_BYTES_MAX:
            self.record.reason = f"a record is longer than {RECORD_BYTES_MAX} bytes"
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
        """Takes a field up to the next one, whose place this gives."""
        found = self._plain.match(line, place)
        assert found is not None
        value, end = found.group(), found.end()
        if self._blank_before_quote.match(value):
            return self._fail("a blank before a quote")
        if line.startswith(self._delimiter, end):
            self._add(value)
            return end + 1
        self._add(value.removesuffix(b"\r"))
        return _END

    def _take_quoted(self, line: bytes, place: int) -> int:
        """Takes a field in quotes, from inside of them."""
        while True:
            found = self._quoted.match(line, place)
            assert found is not None
            self._parts.append(found.group())
            end = found.end()
            if not line.startswith(b'"', end):
                # A backslash at the file's end has nothing behind it.
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
            hint = _BACKSLASH_HINT if value.endswith(b"\\") and not self._has_backslashes else ""
            return self._fail(_BEHIND + hint)
        self._add(value)
        return _END

    def _add(self, value: bytes) -> None:
        assert self.record is not None
        self.record.fields.append(value)

    def _fail(self, reason: str) -> int:
        """The record is bad up to the end of this line."""
        assert self.record is not None
        self.record.reason = reason
        return _END


#: Instead of a place in the line: the record is at its end, goes on in the next line, or has none.
_END, _OPEN, _NEVER = -1, -2, -3
