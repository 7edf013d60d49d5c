"""Records of a table's lines, whose delimiter and quotes are found out where they are not told."""

from __future__ import annotations

from collections.abc import Generator, Iterator

from .csv_dialect import HEAD_BYTES, delimiter_of, quotes_by_backslashes
from .csv_records import Record, RecordParser
from .input_lines import InputLines


def records_of(
    lines: InputLines, delimiter: bytes | None, has_backslashes: bool | None
) -> Iterator[Record | None]:
    """The records of lines, empty ones left out; the last one may be without end.

    None is a pause of the lines. What is not told of the delimiter and the quotes is found out.
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
    """The first records, up to where the quotes make a difference or the head ends.

    So records before that place need not wait for it. Returns the parser of those that follow.
    """
    parser = RecordParser(delimiter, has_backslashes=False)
    #: Those of the record that has begun.
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
                # What follows may take its time.
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
        # A record that is bad here is bad with backslashes, too: they do not make all good.
        if (record and record.reason) or lines.offset >= HEAD_BYTES:
            return parser
        if parser.record is None:
            open_lines.clear()
    return parser
