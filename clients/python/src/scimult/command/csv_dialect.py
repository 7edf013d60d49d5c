"""Detects the delimiter and the quoting of a CSV file if they are not given."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

from .csv_records import Record, RecordParser
from .input_lines import BLANKS, InputLines

#: Delimiters by their names on the command line. If two make equally many columns of the header,
#: the first one is used.
DELIMITERS = {"comma": b",", "semicolon": b";", "tab": b"\t"}

#: The size of the part of a file that is examined for quoting and that must contain the whole
#: header, in bytes.
HEAD_BYTES = 1 << 20

_HEADER_PARTS = re.compile(rb'"|[,;\t\n]|[^",;\t\n]+')


def delimiter_of(lines: InputLines) -> bytes:
    """Returns the delimiter that splits the header into the most columns."""
    is_whole = False
    while not (found := _delimiter_of_header(lines.unread(), is_whole=is_whole)):
        is_whole = not lines.fill() or len(lines.unread()) > HEAD_BYTES
    return found


def _delimiter_of_header(head: bytes, *, is_whole: bool) -> bytes | None:
    """Returns None if the header continues after these lines."""
    counts = dict.fromkeys(DELIMITERS.values(), 0)
    is_blank, is_quoted = True, False
    # Whether a quote would open a quoted field or continue one.
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
        is_blank = is_blank and not part.strip(BLANKS)
    else:
        if not is_whole:
            return None
    return max(counts, key=lambda delimiter: counts[delimiter])


def quotes_by_backslashes(lines: InputLines, open_lines: list[bytes], delimiter: bytes) -> bool:
    """Whether backslashes escape quotes, judged by an incomplete record and the rest of the head.

    They do if three conditions hold: a record is invalid without them, a quote in it follows a
    backslash, and with them all records are valid.
    """
    begun = b"".join(open_lines)
    size = HEAD_BYTES - lines.offset + len(begun)
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
    """Yields the records of a text, without an incomplete last one."""
    parser = RecordParser(delimiter, has_backslashes=has_backslashes)
    for number, line in enumerate(io.BytesIO(text), 1):
        if not is_whole and not line.endswith(b"\n"):
            return
        if record := parser.take(line, number):
            yield record
    if is_whole and (last := parser.last()):
        yield last
