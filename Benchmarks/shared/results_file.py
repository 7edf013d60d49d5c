"""The JSON file with all results of a benchmark."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from shared.machine import describe

DIGITS = 6


def write_results(path: Path, contents: Mapping[str, Any]) -> None:
    """Writes results with the date and the machine."""
    described = {
        "date": datetime.now(timezone.utc).date().isoformat(),
        "machine": describe(),
        **contents,
    }
    text = json.dumps(shortened(described), indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def shortened(value: Any) -> Any:
    """Rounds numbers to the precision of a measurement."""
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, dict):
        return {key: shortened(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shortened(item) for item in value]
    return value
