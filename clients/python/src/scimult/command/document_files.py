"""Documents of files: JSON lines and CSV, packed by gzip or not."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

from .failure import CommandFailed, WrongUse

#: Fields of a CSV file may be as long as a message.
_CSV_FIELD_BYTES_MAX = 1 << 26


class DocumentLine(dict[str, str]):
    """A document as the client takes it, and where it comes from."""

    def __init__(self, content: dict[str, str], identifier: Any, number: int, position: int):
        super().__init__(content)
        #: The id that the file gives, of any type; None where it gives none.
        self.identifier = identifier
        #: The line, from 1.
        self.number = number
        #: How much of the file had been read, in bytes.
        self.position = position


class DocumentFile:
    """A file of documents, read once."""

    def __init__(self, name: str, *, skip_bad_lines: bool) -> None:
        """``-`` is standard input. Raises ``WrongUse`` on a name that says no format."""
        self._skip_bad_lines = skip_bad_lines
        self.name = "stdin" if name == "-" else name
        #: How many lines were no documents.
        self.skipped = 0
        suffixes = [".jsonl"] if name == "-" else Path(name).suffixes
        self._is_packed = suffixes[-1:] == [".gz"]
        kind = (suffixes[:-1] if self._is_packed else suffixes)[-1:]
        if kind not in ([".jsonl"], [".csv"]):
            raise WrongUse(f"{name}: expected a name that ends in .jsonl or .csv, perhaps with .gz")
        self._is_csv = kind == [".csv"]
        self._raw: IO[bytes] = (
            sys.stdin.buffer if name == "-" else Path(name).open("rb")  # noqa: SIM115
        )
        #: Its size in bytes; None where it has no end that is known.
        self.size = None if name == "-" else Path(name).stat().st_size or None

    def __enter__(self) -> DocumentFile:
        return self

    def __exit__(self, *_: object) -> None:
        if self._raw is not sys.stdin.buffer:
            self._raw.close()

    def documents(self) -> Iterator[DocumentLine]:
        """The documents, read as they are asked for. Raises ``CommandFailed`` on a bad line."""
        unpacked = gzip.GzipFile(fileobj=self._raw) if self._is_packed else self._raw
        lines = cast("IO[bytes]", unpacked)
        try:
            yield from self._csv_rows(lines) if self._is_csv else self._json_lines(lines)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise CommandFailed(f"{self.name}: cannot be unpacked: {error}") from error

    def failed(self, number: int, reason: object) -> None:
        """Counts a line that cannot be used, or raises ``CommandFailed``."""
        if not self._skip_bad_lines:
            raise CommandFailed(f"{self.name}:{number}: {reason}")
        self.skipped += 1

    def _json_lines(self, lines: IO[bytes]) -> Iterator[DocumentLine]:
        for number, line in enumerate(lines, 1):
            try:
                row = json.loads(line.decode())
                if not isinstance(row, dict):
                    raise ValueError("expected a JSON object")
                content = _content(row)
            except (ValueError, RecursionError) as error:
                self.failed(number, _reason(error))
                continue
            yield DocumentLine(content, row.get("id"), number, self._position())

    def _csv_rows(self, lines: IO[bytes]) -> Iterator[DocumentLine]:
        csv.field_size_limit(_CSV_FIELD_BYTES_MAX)
        # What is no UTF-8 is refused line by line, and not for the whole file.
        text = io.TextIOWrapper(lines, encoding="utf-8-sig", errors="surrogateescape", newline="")
        rows = csv.reader(text)
        columns = next(rows, [])
        if ("title" in columns) == ("text" in columns):
            raise CommandFailed(
                f"{self.name}:1: expected a heading with a column 'title' (and perhaps 'abstract') "
                "or a column 'text'"
            )
        while True:
            first_line = rows.line_num + 1
            try:
                cells = next(rows, None)
                if cells is None:
                    return
                if not cells:
                    continue
                if len(cells) != len(columns):
                    raise ValueError(f"has {len(cells)} cells; the heading has {len(columns)}")
                row = dict(zip(columns, cells, strict=True))
                content = _content(row)
            except (ValueError, csv.Error) as error:
                self.failed(first_line, _reason(error))
                continue
            yield DocumentLine(content, row.get("id"), first_line, self._position())

    def _position(self) -> int:
        return self._raw.tell() if self.size else 0


def _content(row: dict[str, Any]) -> dict[str, str]:
    """The texts of a row. Raises ``ValueError`` where it is no document."""
    if ("title" in row) == ("text" in row):
        both = "both" if "title" in row else "neither"
        raise ValueError(f"has {both} of 'title' and 'text': expected one of them")
    content = {}
    for key in ("title", "abstract", "text"):
        value = row.get(key)
        if value is None and (key == "abstract" or key not in row):
            continue
        if not isinstance(value, str):
            raise ValueError(f"{key!r} is no text")
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ValueError(f"{key!r} is not UTF-8") from None
        if "\0" in value:
            raise ValueError(f"{key!r} contains NUL")
        content[key] = value
    return content


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"is no JSON: {error.msg} at byte {error.pos + 1}"
    if isinstance(error, UnicodeDecodeError):
        return f"is not UTF-8 at byte {error.start + 1}"
    if isinstance(error, RecursionError):
        return "is nested too deeply"
    return str(error)
