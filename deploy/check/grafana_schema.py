"""Finds fields of a dashboard that are not in Grafana's own schema."""

from __future__ import annotations

import json
from typing import Any

from grafana_foundation_sdk.cog import plugins
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard


def unknown_fields(dashboard: dict[str, Any]) -> set[str]:
    """Returns the paths of values that the schema's classes drop or change."""
    plugins.register_default_plugins()
    read = json.loads(JSONEncoder().encode(Dashboard.from_json(dashboard)))
    return _lost(dashboard, read, "")


def _lost(given: Any, read: Any, path: str) -> set[str]:
    if isinstance(given, dict) and isinstance(read, dict):
        parts = [_lost(given[key], read.get(key), f"{path}.{key}") for key in given]
    elif isinstance(given, list) and isinstance(read, list) and len(given) == len(read):
        pairs = enumerate(zip(given, read, strict=True))
        parts = [_lost(one, other, f"{path}[{index}]") for index, (one, other) in pairs]
    else:
        return set() if given == read else {path}
    return set().union(*parts)
