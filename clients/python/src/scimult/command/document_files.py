"""Documents of files: JSON lines and CSV, packed by gzip or not."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from ..fields import ID_NAMES, content_of, id_of
from .csv_dialect import DELIMITERS
from .csv_reader import records_of
from .csv_records import Record
from .input_bytes import InputBytes
from .input_lines import BLANKS, InputLines
from .json_objects import RawJSON, object_of

_CONTENT_NAMES = ("title", "abstract", "text")

#: Which names a column may have, by that name in small letters.
_COLUMNS = {name.lower(): name for name in (*reversed(ID_NAMES), *_CONTENT_NAMES)}

#: How many lines that were skipped are told of.
_LINES_TOLD_MAX = 20


@dataclass(frozen=True)
class Form:
    """How a file is read, where its name and its content shall not tell."""

    #: ``"jsonl"`` or ``"csv"``.
    format: str | None = None
    #: Of CSV: a key of ``DELIMITERS``, or the character.
    delimiter: str | None = None
    #: Of CSV: ``"doubled"`` or ``"backslash"``.
    quotes: str | None = None

    def is_csv(self, name: str) -> bool:
        """Whether a file of this name is a table, and no JSON lines."""
        by_name = "csv" if _unpacked(name).endswith((".csv", ".tsv")) else "jsonl"
        return (self.format or by_name) == "csv"

    def delimiter_in(self, name: str) -> bytes | None:
        """The delimiter of a table of this name; None where its header shall tell."""
        if self.delimiter is not None:
            return DELIMITERS.get(self.delimiter) or self.delimiter.encode()
        return DELIMITERS["tab"] if _unpacked(name).endswith(".tsv") else None


class DocumentLine(dict[str, str]):
    """A document as the client takes it, and where it comes from."""

    def __init__(self, content: dict[str, str], identifier: Any, number: int, position: int):
        super().__init__(content)
        #: The id that the file gives: a text, ``RawJSON``, or None where it gives none.
        self.identifier = identifier
        #: The line, from 1.
        self.number = number
        #: How much of the file had been read, in bytes.
        self.position = position


class DocumentFile:
    """A file of documents, read once."""

    def __init__(self, name: str, *, skip_bad_lines: bool, form: Form | None = None) -> None:
        """``-`` is standard input."""
        self._form = form or Form()
        self._is_csv = self._form.is_csv(name)
        self._delimiter = self._form.delimiter_in(name)
        self._skip_bad_lines = skip_bad_lines
        self._source = InputBytes(name)
        self._lines = InputLines(self._source)
        #: The lines that were no documents.
        self.skipped: list[int] = []

    def __enter__(self) -> DocumentFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._source.close()

    @property
    def name(self) -> str:
        """What messages call the file."""
        return self._source.name

    @property
    def size(self) -> int | None:
        """Its size in bytes; None where it has no end that is known."""
        return self._source.size

    def documents(self) -> Iterator[DocumentLine]:
        """The documents, read as they are asked for. Raises ``CommandFailed`` on a bad line."""
        return itertools.chain.from_iterable(self.parts())

    def parts(self) -> Iterator[Iterator[DocumentLine]]:
        """The documents, those together that come without a pause of the pipe that they are from.

        Each part is to be read to its end before the next.
        """
        documents = self._csv_rows() if self._is_csv else self._json_lines()
        for first in documents:
            if first is not None:
                rest = itertools.takewhile(lambda each: each is not None, documents)
                yield itertools.chain([first], rest)  # type: ignore[arg-type]

    def failed(self, number: int, reason: object) -> None:
        """Counts a line that cannot be used, or raises ``CommandFailed``."""
        if not self._skip_bad_lines:
            self._fail(number, reason)
        self.skipped.append(number)

    def told_of_skipped(self) -> str | None:
        """How many lines were skipped, and which; None where none was."""
        if not self.skipped:
            return None
        count = len(self.skipped)
        numbers = [*map(str, sorted(self.skipped)[:_LINES_TOLD_MAX])]
        if count > _LINES_TOLD_MAX:
            numbers.append("…")
        lines = "bad line" if count == 1 else "bad lines"
        return f"{self.name}: {count} {lines} skipped: {', '.join(numbers)}"

    def _fail(self, number: int, reason: object) -> NoReturn:
        self._source.fail(f"line {number}: {reason}")

    def _json_lines(self) -> Iterator[DocumentLine | None]:
        """The documents; None is a pause."""
        is_first = True
        for line in self._lines:
            if not line:
                yield None
                continue
            if not line.strip(BLANKS):
                continue
            number = self._lines.count
            try:
                document = self._document(object_of(line, is_first=is_first), number)
            except ValueError as error:
                self.failed(number, error)
            else:
                yield document
            is_first = False

    def _csv_rows(self) -> Iterator[DocumentLine | None]:
        """The documents; None is a pause."""
        quotes = self._form.quotes
        records = records_of(
            self._lines, self._delimiter, None if quotes is None else quotes == "backslash"
        )
        columns = self._columns(next(filter(None, records), None))
        for record in records:
            if record is None:
                yield None
                continue
            if record.has_no_end:
                # All that follows is in it: to pass over that is no way to go on.
                self._fail(record.line, record.reason)
            try:
                document = self._document(_row(record, columns), record.line)
            except ValueError as error:
                self.failed(record.line, error)
            else:
                yield document

    def _columns(self, header: Record | None) -> list[str | None]:
        """The fields' names as documents have them; None for a column that is not used."""
        if header is None:
            self._fail(1, 'no header: the first row must name columns, such as "title"')
        if header.has_no_end:
            self._fail(header.line, header.reason)
        if header.reason:
            self._fail(header.line, f"the header is no row: {header.reason}")
        if header.invalid_byte is not None:
            self._fail(header.line, f"not UTF-8 at byte {header.invalid_byte}")
        names = [field.decode().strip().lower() for field in header.fields]
        for place, name in enumerate(names):
            if name and name in names[:place]:
                self._fail(header.line, f'there are two columns "{name}"')
        columns = [_COLUMNS.get(name) for name in names]
        if not any(name in _CONTENT_NAMES for name in columns):
            self._fail(header.line, 'the header has no column "title", "abstract" or "text"')
        return columns

    def _document(self, row: Mapping[str, Any], number: int) -> DocumentLine:
        for name in _CONTENT_NAMES:
            if isinstance(row.get(name), RawJSON):
                raise ValueError(f'"{name}" must be a text')
        identifier = id_of(row)
        if isinstance(identifier, RawJSON) and not identifier.is_json:
            raise ValueError('"id" holds a number that JSON has not')
        content = content_of(row)
        if isinstance(content, str):
            document = {"text": content}
        else:
            document = dict(zip(("title", "abstract"), content, strict=True))
        return DocumentLine(document, identifier, number, self._source.position)


def _row(record: Record, columns: list[str | None]) -> dict[str, str | None]:
    """The fields that are used. Raises ``ValueError`` with the reason where it is no row."""
    if record.reason:
        raise ValueError(record.reason)
    if len(record.fields) != len(columns):
        raise ValueError(f"{len(record.fields)} fields, where the header has {len(columns)}")
    if record.invalid_byte is not None:
        raise ValueError(f"not UTF-8 at byte {record.invalid_byte}")
    return {
        name: field.decode() or (None if name in ID_NAMES else "")
        for name, field in zip(columns, record.fields, strict=True)
        if name is not None
    }


def _unpacked(name: str) -> str:
    """A file's name in small letters, without what gzip adds to it."""
    return name.lower().removesuffix(".gz")
