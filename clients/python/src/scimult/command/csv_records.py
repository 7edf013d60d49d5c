"""Records of comma-separated values, and which delimiter and quotes a file has."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from .input_lines import InputLines

#: A longer record is a quote that is not closed, and no document. In bytes.
RECORD_BYTES_MAX = 64 << 20

DELIMITERS = {"comma": b",", "semicolon": b";", "tab": b"\t"}

#: How much of a file tells how it writes quotes, and has its header's end. In bytes.
_HEAD_BYTES = 1 << 20

_BACKSLASH_ADVICE = "follows a backslash: --csv-quotes backslash reads it as a quote"
_NOT_CLOSED = "a quote is not closed up to the file's end"

_HEADER_PARTS = re.compile(rb'"|[,;\t\n]|[^",;\t\n]+')


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
    #: The place of its first byte that cannot be in UTF-8.
    invalid_byte: int | None = None
    #: Whether doubled quotes and backslashes before quotes make different records of it.
    depends_on_quotes: bool = False
    #: Whether a quote that is one by itself, or closes a field, follows a backslash.
    has_quote_behind_backslash: bool = False

    @property
    def needs_backslashes(self) -> bool:
        """Whether it is bad, and may be good where backslashes make quotes."""
        return self.reason is not None and self.has_quote_behind_backslash

    def refuse(self, reason: str) -> None:
        """Says why it is no record, and what may help."""
        hint = f"; one {_BACKSLASH_ADVICE}" if self.has_quote_behind_backslash else ""
        self.reason = reason + hint


def records_of(
    lines: InputLines, delimiter: bytes | None, has_backslashes: bool | None
) -> Iterator[Record | None]:
    """The records of lines, empty ones left out; the last one may be without end.

    None is a pause of the lines. What is not told of the delimiter and the quotes is found out:
    the quotes where they first make a difference, so that records before it need not wait.
    """
    if delimiter is None:
        delimiter = delimiter_of(lines)
    reader = _Reader(delimiter, has_backslashes=bool(has_backslashes))
    #: Those of the record that has begun, as long as the quotes are not known.
    open_lines: list[bytes] = []
    for line in lines:
        if not line:
            yield None
            continue
        record = reader.take(line, lines.count)
        if has_backslashes is None:
            open_lines.append(line)
            taken = record or reader.record
            if taken is not None and taken.depends_on_quotes:
                if lines.may_wait:
                    # What follows may take its time.
                    yield None
                has_backslashes = _finds_backslashes(lines, open_lines, delimiter)
                if has_backslashes:
                    reader = _Reader(delimiter, has_backslashes=True)
                    number = lines.count - len(open_lines)
                    *before, record = (
                        reader.take(each, number + place)
                        for place, each in enumerate(open_lines, 1)
                    )
                    yield from filter(None, before)
            elif (record and record.reason) or lines.offset >= _HEAD_BYTES:
                # A record that is bad both ways tells that backslashes do not make all good.
                has_backslashes = False
            if reader.record is None:
                open_lines.clear()
        if record:
            yield record
    if last := reader.last():
        yield last


def delimiter_of(lines: InputLines) -> bytes:
    """The delimiter that makes the most columns of the header."""
    is_whole = False
    while not (found := _delimiter_of_header(lines.unread(), is_whole=is_whole)):
        is_whole = not lines.fill() or len(lines.unread()) > _HEAD_BYTES
    return found


def _delimiter_of_header(head: bytes, *, is_whole: bool) -> bytes | None:
    """None where the header goes on behind these lines."""
    counts = dict.fromkeys(DELIMITERS.values(), 0)
    is_blank, is_quoted = True, False
    # Whether a quote would open a field, or go on with one.
    can_open = True
    for match in _HEADER_PARTS.finditer(head):
        part = match[0]
        if part == b'"':
            is_quoted, can_open = not is_quoted and can_open, is_quoted
            is_blank = False
        elif not is_quoted:
            if part == b"\n":
                if not is_blank:
                    break
                counts = dict.fromkeys(counts, 0)
            elif part in counts:
                counts[part] += 1
            can_open = part == b"\n" or part in counts
        is_blank = is_blank and not part.strip(b" \t\r\n")
    else:
        if not is_whole:
            return None
    return max(counts, key=lambda delimiter: counts[delimiter])


def _finds_backslashes(lines: InputLines, open_lines: list[bytes], delimiter: bytes) -> bool:
    """Whether backslashes make quotes, by a record that has begun and what follows in the head.

    They do where a record is bad without them, a quote in it follows one, and all are good by them.
    """
    begun = b"".join(open_lines)
    size = _HEAD_BYTES - lines.offset + len(begun)
    while len(begun) + len(lines.unread()) <= size and lines.fill():
        pass
    text = begun + lines.unread()
    is_whole = len(text) <= size
    text = text[:size]
    if not any(record.needs_backslashes for record in _records_in(text, delimiter, is_whole)):
        return False
    records = _records_in(text, delimiter, is_whole, has_backslashes=True)
    return not any(record.reason for record in records)


def _records_in(
    text: bytes, delimiter: bytes, is_whole: bool, *, has_backslashes: bool = False
) -> Iterator[Record]:
    """The records of a text, without the last one where the text ends inside of it."""
    reader = _Reader(delimiter, has_backslashes=has_backslashes)
    for number, line in enumerate(io.BytesIO(text), 1):
        if not is_whole and not line.endswith(b"\n"):
            return
        if record := reader.take(line, number):
            yield record
    if is_whole and (last := reader.last()):
        yield last


class _Reader:
    """Takes lines and gives the records that end with them."""

    def __init__(self, delimiter: bytes, *, has_backslashes: bool) -> None:
        self._delimiter = delimiter
        self._has_backslashes = has_backslashes
        self._plain = re.compile(rb"[^\n%b]*" % re.escape(delimiter))
        self._blank_before_quote = re.compile(rb'[ \t\r]+"')
        self._quoted = re.compile(
            rb'[^"\\]*(?:\\.[^"\\]*)*' if has_backslashes else rb'[^"]*', re.DOTALL
        )
        #: The one that is not at its end.
        self.record: Record | None = None
        #: What the quotes hold that are open.
        self._parts: list[bytes] = []
        self._size = 0

    def last(self) -> Record | None:
        """The record whose quote is not closed where the lines end, if there is one."""
        record = self.record
        if record is not None:
            record.has_no_end = True
            record.refuse(_NOT_CLOSED)
        return record

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
        """The record is bad up to the end of this line."""
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


#: Instead of a place in the line: the record is at its end, goes on in the next line, or has none.
_END, _OPEN, _NEVER = -1, -2, -3
