"""encoder.json: everything that was measured."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from machine import describe
from options import Options
from report import ModelReport

DIGITS = 6


def write_results(path: Path, options: Options, reports: list[ModelReport]) -> None:
    """Writes the reports with the machine and the options that they are of."""
    contents = {
        "date": datetime.now(timezone.utc).date().isoformat(),
        "machine": describe(),
        "threads": options.threads,
        "texts": "papers" if options.texts else "random words",
        "seconds": options.seconds,
        "models": [report.as_json() for report in reports],
    }
    text = json.dumps(shortened(contents), indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def shortened(value: Any) -> Any:
    """The same with no more digits than a measurement has."""
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, dict):
        return {key: shortened(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shortened(item) for item in value]
    return value
