"""Reads records of CSV lines, and detects the delimiter and the quoting if not given."""

from __future__ import annotations

from collections.abc import Generator, Iterator

from .csv_dialect import HEAD_BYTES, delimiter_of, quotes_by_backslashes
from .csv_records import Record, RecordParser
from .input_lines import InputLines


def records_of(
    lines: InputLines, delimiter: bytes | None, has_backslashes: bool | None
) -> Iterator[Record | None]:
    """Yields the records of lines, without empty ones. The last one may be incomplete.

    None stands for a pause in the input. A delimiter or quoting that is not given is detected.
    """
    if delimiter is None:
        delimiter = delimiter_of(lines)
    if has_backslashes is None:
        parser = yield from _until_quotes_are_known(lines, delimiter)
    else:
        parser = RecordParser(delimiter, has_backslashes=has_backslashes)
    for line in lines:
        if not line:
            yield None
        elif record := parser.take(line, lines.count):
            yield record
    if last := parser.last():
        yield last


def _until_quotes_are_known(
    lines: InputLines, delimiter: bytes
) -> Generator[Record | None, None, RecordParser]:
    """Yields the first records, up to where the kind of quoting matters or the head ends.

    So earlier records need not wait for the detection. Returns the parser for later records.
    """
    parser = RecordParser(delimiter, has_backslashes=False)
    #: The lines of the incomplete record.
    open_lines: list[bytes] = []
    for line in lines:
        if not line:
            yield None
            continue
        open_lines.append(line)
        record = parser.take(line, lines.count)
        begun = record or parser.record
        if begun is not None and begun.depends_on_quotes:
            if lines.may_wait:
                # The detection may need more lines, which may take time to arrive.
                yield None
            if quotes_by_backslashes(lines, open_lines, delimiter):
                parser = RecordParser(delimiter, has_backslashes=True)
                first = lines.count - len(open_lines) + 1
                for number, each in enumerate(open_lines, first):
                    if again := parser.take(each, number):
                        yield again
            elif record:
                yield record
            return parser
        if record:
            yield record
        # A record that is invalid here stays invalid with backslashes: they do not make all valid.
        if (record and record.reason) or lines.offset >= HEAD_BYTES:
            return parser
        if parser.record is None:
            open_lines.clear()
    return parser
