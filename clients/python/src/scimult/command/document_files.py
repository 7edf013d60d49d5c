"""Documents of files: JSON lines and CSV, packed by gzip or not."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from ..fields import ID_NAMES, content_of, id_of
from .csv_records import DELIMITERS, Dialect, Record, delimiter_of, has_backslashes, records_of
from .failure import CommandFailed
from .input_lines import InputLines
from .json_objects import RawJSON, object_of

_CONTENT_NAMES = ("title", "abstract", "text")

#: Which names a column may have, by that name in small letters.
_COLUMNS = {name.lower(): name for name in (*reversed(ID_NAMES), *_CONTENT_NAMES)}

#: How much of a CSV file tells how it writes quotes.
_HEAD_BYTES = 1 << 20

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
        self._skip_bad_lines = skip_bad_lines
        self._lines = InputLines(name)
        self._suffix = name.lower().removesuffix(".gz").rpartition(".")[2]
        #: The lines that were no documents.
        self.skipped: list[int] = []

    def __enter__(self) -> DocumentFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._lines.close()

    @property
    def name(self) -> str:
        """What messages call the file."""
        return self._lines.name

    @property
    def size(self) -> int | None:
        """Its size in bytes; None where it has no end that is known."""
        return self._lines.size

    @property
    def is_csv(self) -> bool:
        """Whether it is a table, and no JSON lines."""
        by_name = "csv" if self._suffix in ("csv", "tsv") else "jsonl"
        return (self._form.format or by_name) == "csv"

    def documents(self) -> Iterator[DocumentLine]:
        """The documents, read as they are asked for. Raises ``CommandFailed`` on a bad line."""
        return self._csv_rows() if self.is_csv else self._json_lines()

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
        raise CommandFailed(f"{self.name}: line {number}: {reason}")

    def _json_lines(self) -> Iterator[DocumentLine]:
        is_first = True
        for number, line in enumerate(self._lines, 1):
            if not line.strip(b" \t\r\n"):
                continue
            try:
                document = self._document(object_of(line, is_first=is_first), number)
            except ValueError as error:
                self.failed(number, error)
            else:
                yield document
            is_first = False

    def _csv_rows(self) -> Iterator[DocumentLine]:
        lines, dialect = self._dialect()
        records = records_of(lines, dialect)
        columns = self._columns(next(records, None))
        for record in records:
            if record.has_no_end:
                # All that follows is in it: to pass over that is no way to go on.
                self._fail(record.line, record.reason)
            try:
                document = self._document(_row(record, columns), record.line)
            except ValueError as error:
                self.failed(record.line, error)
            else:
                yield document

    def _dialect(self) -> tuple[Iterator[bytes], Dialect]:
        """How the file writes its fields; and its lines, those that had to be read for it too."""
        form, head, is_whole = self._form, b"", False
        if form.quotes is None:
            head = self._lines.head(_HEAD_BYTES + 1)
            head, is_whole = head[:_HEAD_BYTES], len(head) <= _HEAD_BYTES
        before = []
        for line in self._lines:
            before.append(line)
            if line.strip():
                break
        header = before[-1] if before else b""
        if form.delimiter is not None:
            delimiter = DELIMITERS.get(form.delimiter) or form.delimiter.encode()
        else:
            delimiter = DELIMITERS["tab"] if self._suffix == "tsv" else delimiter_of(header)
        is_escaped = (
            has_backslashes(head, delimiter, is_whole=is_whole)
            if form.quotes is None
            else form.quotes == "backslash"
        )
        return itertools.chain(before, self._lines), Dialect(delimiter, is_escaped)

    def _columns(self, header: Record | None) -> list[str | None]:
        """The fields' names as documents have them; None for a column that is not used."""
        if header is None:
            self._fail(1, "no header: the first record must name columns, such as title or text")
        if header.reason:
            self._fail(header.line, f"the header is bad: {header.reason}")
        names = [field.decode(errors="replace").strip().lower() for field in header.fields]
        for name in names:
            if name and names.count(name) > 1:
                self._fail(header.line, f'there are two columns "{name}"')
        columns = [_COLUMNS.get(name) for name in names]
        if not any(name in _CONTENT_NAMES for name in columns):
            self._fail(
                header.line, 'the header has no column "title", "abstract" or "text": name one so'
            )
        return columns

    def _document(self, row: Mapping[str, Any], number: int) -> DocumentLine:
        for name in _CONTENT_NAMES:
            if isinstance(row.get(name), RawJSON):
                raise ValueError(f'"{name}" must be a text')
        content = content_of(row)
        if isinstance(content, str):
            document = {"text": content}
        else:
            document = dict(zip(("title", "abstract"), content, strict=True))
        identifier = id_of(row)
        if isinstance(identifier, RawJSON) and identifier.text in ("Infinity", "-Infinity"):
            raise ValueError(f'"id" is {identifier.text}, which JSON has no form of')
        return DocumentLine(document, identifier, number, self._lines.position)


def _row(record: Record, columns: list[str | None]) -> dict[str, str | None]:
    """The fields that are used. Raises ``ValueError`` with the reason where it is no row."""
    if record.reason:
        raise ValueError(record.reason)
    if len(record.fields) != len(columns):
        raise ValueError(f"{len(record.fields)} fields, where the header has {len(columns)}")
    row: dict[str, str | None] = {}
    for place, (name, field) in enumerate(zip(columns, record.fields, strict=True), 1):
        try:
            text = field.decode()
        except UnicodeDecodeError as error:
            raise ValueError(f"not UTF-8 at byte {error.start} of field {place}") from None
        if name is not None:
            row[name] = text or (None if name in ID_NAMES else "")
    return row
