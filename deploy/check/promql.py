"""The parts of PromQL that tests check: metrics and label values in an expression."""

from __future__ import annotations

import re

_METRIC = re.compile(r"\b(?:scimult|process|container)_[a-z_]+\b|\bup\b")
_MATCHER = re.compile(r'\b([a-z_]+)(=~|!~|!=|=)"([^"]*)"')


def metrics(expression: str) -> set[str]:
    """Returns the names of the series that an expression reads."""
    without_labels = re.sub(r"\{[^}]*\}|\b(?:by|on|without) \([^)]*\)", "", expression)
    return set(_METRIC.findall(without_labels))


def asked_values(expression: str, label: str) -> set[str]:
    """Returns the values that an expression requires of a label, alternatives separately."""
    return {
        value
        for name, _, text in _MATCHER.findall(expression)
        if name == label
        for value in text.split("|")
    }
