"""PromQL as far as checks ask: which metrics an expression reads, and what its labels ask for."""

from __future__ import annotations

import re

_METRIC = re.compile(r"\b(?:scimult|process|container)_[a-z_]+\b|\bup\b")
_MATCHER = re.compile(r'\b([a-z_]+)(=~|!~|!=|=)"([^"]*)"')


def metrics(expression: str) -> set[str]:
    """The names of the series that an expression reads."""
    without_labels = re.sub(r"\{[^}]*\}|\b(?:by|on|without) \([^)]*\)", "", expression)
    return set(_METRIC.findall(without_labels))


def asked_values(expression: str, label: str) -> set[str]:
    """The values that an expression asks a label to have, each of an alternative by itself."""
    return {
        value
        for name, _, text in _MATCHER.findall(expression)
        if name == label
        for value in text.split("|")
    }
