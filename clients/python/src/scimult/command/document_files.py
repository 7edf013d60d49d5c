"""Reads documents from files: JSON Lines and CSV, optionally compressed by gzip."""

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

#: The allowed names of columns, keyed by the name in lower case.
_COLUMNS = {name.lower(): name for name in (*reversed(ID_NAMES), *_CONTENT_NAMES)}

#: The maximum number of skipped lines that are listed.
_LINES_TOLD_MAX = 20


@dataclass(frozen=True)
class Form:
    """The format of a file, if its name and content should not determine it."""

    #: ``"jsonl"`` or ``"csv"``.
    format: str | None = None
    #: For CSV: a key of ``DELIMITERS``, or the character.
    delimiter: str | None = None
    #: For CSV: ``"doubled"`` or ``"backslash"``.
    quotes: str | None = None

    def is_csv(self, name: str) -> bool:
        """Whether a file of this name is CSV; otherwise it is JSON Lines."""
        by_name = "csv" if _unpacked(name).endswith((".csv", ".tsv")) else "jsonl"
        return (self.format or by_name) == "csv"

    def delimiter_in(self, name: str) -> bytes | None:
        """Returns the delimiter for a file of this name, or None to detect it from the header."""
        if self.delimiter is not None:
            return DELIMITERS.get(self.delimiter) or self.delimiter.encode()
        return DELIMITERS["tab"] if _unpacked(name).endswith(".tsv") else None


class DocumentLine(dict[str, str]):
    """A document as the client takes it, with its origin."""

    def __init__(self, content: dict[str, str], identifier: Any, number: int, position: int):
        super().__init__(content)
        #: The id in the file: a text, ``RawJSON``, or None if there is none.
        self.identifier = identifier
        #: The line number, from 1.
        self.number = number
        #: The number of bytes of the file that had been read.
        self.position = position


class DocumentFile:
    """A file of documents, which can be read once."""

    def __init__(self, name: str, *, skip_bad_lines: bool, form: Form | None = None) -> None:
        """``-`` is standard input."""
        self._form = form or Form()
        self._is_csv = self._form.is_csv(name)
        self._delimiter = self._form.delimiter_in(name)
        self._skip_bad_lines = skip_bad_lines
        self._source = InputBytes(name)
        self._lines = InputLines(self._source)
        #: The lines that are not documents.
        self.skipped: list[int] = []

    def __enter__(self) -> DocumentFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._source.close()

    @property
    def name(self) -> str:
        """The file's name in messages."""
        return self._source.name

    @property
    def size(self) -> int | None:
        """The file's size in bytes, or None if it is unknown."""
        return self._source.size

    def documents(self) -> Iterator[DocumentLine]:
        """Yields the documents one by one. Raises ``CommandFailed`` on an invalid line."""
        return itertools.chain.from_iterable(self.parts())

    def parts(self) -> Iterator[Iterator[DocumentLine]]:
        """Yields groups of documents. A pause of the input pipe ends a group.

        Callers must read each group to its end before the next.
        """
        documents = self._csv_rows() if self._is_csv else self._json_lines()
        for first in documents:
            if first is not None:
                rest = itertools.takewhile(lambda each: each is not None, documents)
                yield itertools.chain([first], rest)  # type: ignore[arg-type]

    def failed(self, number: int, reason: object) -> None:
        """Counts an unusable line, or raises ``CommandFailed``."""
        if not self._skip_bad_lines:
            self._fail(number, reason)
        self.skipped.append(number)

    def told_of_skipped(self) -> str | None:
        """Returns how many lines were skipped, and which; None if none was."""
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
        """Yields the documents, and None for a pause."""
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
        """Yields the documents, and None for a pause."""
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
                # The record contains the rest of the file, so it cannot be skipped.
                self._fail(record.line, record.reason)
            try:
                document = self._document(_row(record, columns), record.line)
            except ValueError as error:
                self.failed(record.line, error)
            else:
                yield document

    def _columns(self, header: Record | None) -> list[str | None]:
        """Returns the fields' names as documents have them, with None for unused columns."""
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
    """Returns the used fields. Raises ``ValueError`` with the reason if the row is invalid."""
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
    """Returns a file's name in lower case, without the suffix of gzip."""
    return name.lower().removesuffix(".gz")
