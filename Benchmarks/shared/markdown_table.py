"""Tables that are readable in a terminal and in a document."""

from __future__ import annotations

from collections.abc import Iterable


def aligned(rows: Iterable[list[str]]) -> str:
    """Returns a Markdown table with aligned columns."""
    heading, *body = rows
    widths = [max(len(row[place]) for row in [heading, *body]) for place in range(len(heading))]

    def line(cells: list[str]) -> str:
        padded = [
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return f"| {' | '.join(padded)} |"

    first, *others = widths
    rule = ["-" * first, *("-" * (width - 1) + ":" for width in others)]
    return "\n".join([line(heading), line(rule), *map(line, body)])
