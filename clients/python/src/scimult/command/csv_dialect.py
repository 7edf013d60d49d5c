"""Which delimiter and which quotes a table has, where nobody says it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

from .csv_records import Record, RecordParser
from .input_lines import BLANKS, InputLines

#: By their names on the command line; where a header has as many of two, the first counts.
DELIMITERS = {"comma": b",", "semicolon": b";", "tab": b"\t"}

#: How much of a file tells how it writes quotes, and has its header's end. In bytes.
HEAD_BYTES = 1 << 20

_HEADER_PARTS = re.compile(rb'"|[,;\t\n]|[^",;\t\n]+')


def delimiter_of(lines: InputLines) -> bytes:
    """The delimiter that makes the most columns of the header."""
    is_whole = False
    while not (found := _delimiter_of_header(lines.unread(), is_whole=is_whole)):
        is_whole = not lines.fill() or len(lines.unread()) > HEAD_BYTES
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
        is_blank = is_blank and not part.strip(BLANKS)
    else:
        if not is_whole:
            return None
    return max(counts, key=lambda delimiter: counts[delimiter])


def quotes_by_backslashes(lines: InputLines, open_lines: list[bytes], delimiter: bytes) -> bool:
    """Whether backslashes make quotes, by a record that has begun and what follows in the head.

    They do where a record is bad without them, a quote in it follows one, and all are good by them.
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
    """The records of a text, without the last one where the text ends inside of it."""
    parser = RecordParser(delimiter, has_backslashes=has_backslashes)
    for number, line in enumerate(io.BytesIO(text), 1):
        if not is_whole and not line.endswith(b"\n"):
            return
        if record := parser.take(line, number):
            yield record
    if is_whole and (last := parser.last()):
        yield last
