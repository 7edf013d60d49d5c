"""The table of promises: what was measured, by which test, when."""

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
    """A promise and the figure that shows it."""

    promise: str
    #: Reproduces the figure.
    command: str
    figure: str
    date: str
    #: Whether the figure meets the promise; a document has no other.
    kept: bool = True

    def markdown(self) -> str:
        return f"| {self.promise} | `{self.command}` | {self.figure} | {self.date} |\n"


class Figures:
    """The rows of a session, in the order they were recorded."""

    def __init__(self, today: datetime.date) -> None:
        self.rows: list[Row] = []
        #: The module that records.
        self.test = ""
        self._today = today

    def record(self, promise: str, figure: str, command: str | None = None) -> None:
        """Takes a figure; its command is that of the whole module where it is not given."""
        command = command or f"make fault FAULTS={self.test}"
        self.rows.append(Row(promise, command, figure, self._today.isoformat()))

    def fail(self, first: int) -> None:
        """Says that the rows from one on do not meet their promise."""
        self.rows[first:] = [replace(row, kept=False) for row in self.rows[first:]]

    def lines(self) -> list[str]:
        """The table for people at a terminal."""
        return [
            f"{'' if row.kept else 'NOT KEPT: '}{row.promise}: {row.figure}   [{row.command}]"
            for row in self.rows
        ]

    def write(self, path: Path) -> None:
        """Writes the table for programs."""
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = [asdict(row) for row in self.rows]
        path.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    def update(self, path: Path) -> None:
        """Puts the rows into a document; those of other promises stay as they are."""
        before, rest = path.read_text(encoding="utf-8").split(BEGIN)
        old, after = rest.split(END)
        measured = {row.promise: row for row in self.rows if row.kept}
        rows = [measured.pop(row.promise, row) for row in _rows(old)] + list(measured.values())
        table = HEADER + "".join(row.markdown() for row in rows)
        path.write_text(f"{before}{BEGIN}\n\n{table}\n{END}{after}", encoding="utf-8")


def _rows(table: str) -> list[Row]:
    """The rows of a table as ``Row.markdown`` writes them."""
    lines = [line for line in table.splitlines() if line.startswith("| ")][1:]
    rows = [Row(*(cell.strip() for cell in line.strip("| ").split(" | "))) for line in lines]
    return [replace(row, command=row.command.strip("`")) for row in rows]
