"""The table of promises: what was measured, by which test, and when."""

from __future__ import annotations

import datetime
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

BEGIN = "<!-- figures: written by make fault FAULT_ARGUMENTS=--update-docs -->"
END = "<!-- end of figures -->"
HEADER = "| promise | shown by | measured | date |\n|---|---|---|---|\n"


@dataclass(frozen=True)
class Row:
    """A promise and the measurement that supports it."""

    promise: str
    #: The command that reproduces the measurement.
    command: str
    figure: str
    date: str
    #: Whether the measurement meets the promise; documents contain only such rows.
    kept: bool = True

    def markdown(self) -> str:
        return f"| {self.promise} | `{self.command}` | {self.figure} | {self.date} |\n"


class Figures:
    """The rows of a session, in the order of recording."""

    def __init__(self, today: datetime.date) -> None:
        self.rows: list[Row] = []
        #: The module that records.
        self.test = ""
        self._today = today

    def record(self, promise: str, figure: str, command: str | None = None) -> None:
        """Records a measurement; the default command runs the whole module."""
        command = command or f"make fault FAULTS={self.test}"
        self.rows.append(Row(promise, command, figure, self._today.isoformat()))

    def fail(self, first: int) -> None:
        """Marks all rows from this index on as failed."""
        self.rows[first:] = [replace(row, kept=False) for row in self.rows[first:]]

    def lines(self) -> list[str]:
        """Returns the table for a terminal."""
        return [
            f"{'' if row.kept else 'NOT KEPT: '}{row.promise}: {row.figure}   [{row.command}]"
            for row in self.rows
        ]

    def write(self, path: Path) -> None:
        """Writes the table as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = [asdict(row) for row in self.rows]
        path.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    def update(self, path: Path) -> None:
        """Updates these rows in a document; rows of other promises stay unchanged."""
        before, rest = path.read_text(encoding="utf-8").split(BEGIN)
        old, after = rest.split(END)
        measured = {row.promise: row for row in self.rows if row.kept}
        rows = [measured.pop(row.promise, row) for row in _rows(old)] + list(measured.values())
        table = HEADER + "".join(row.markdown() for row in rows)
        path.write_text(f"{before}{BEGIN}\n\n{table}\n{END}{after}", encoding="utf-8")


def _rows(table: str) -> list[Row]:
    """Parses the rows of a table that ``Row.markdown`` wrote."""
    lines = [line for line in table.splitlines() if line.startswith("| ")][1:]
    rows = [Row(*(cell.strip() for cell in line.strip("| ").split(" | "))) for line in lines]
    return [replace(row, command=row.command.strip("`")) for row in rows]
