"""Checks of arguments. Errors name the argument, its value, and what is allowed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from numbers import Real
from operator import index
from typing import Any, SupportsIndex

import numpy as np


def check_whole(name: str, value: SupportsIndex, least: int, most: int | None = None) -> int:
    """Returns an integer within limits. Raises ``TypeError`` or ``ValueError``."""
    expected = f"at least {least}" if most is None else f"{least} to {most}"
    try:
        if isinstance(value, bool):
            raise TypeError
        number = index(value)
    except TypeError:
        raise TypeError(f"{name} is {value!r}: expected a whole number, {expected}") from None
    if number < least or (most is not None and number > most):
        raise ValueError(f"{name} is {number}: expected {expected}")
    return number


def check_flag(name: str, value: Any) -> bool:
    """Returns a bool, also of numpy's type. Raises ``TypeError``: any str would count as true."""
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    raise TypeError(f"{name} is {value!r}: expected True or False")


def check_seconds(name: str, value: Any) -> float | None:
    """Returns a time above 0, or None. Raises ``TypeError`` or ``ValueError``."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} is {value!r}: expected seconds as a number, or None for no limit")
    seconds = float(value)
    if not (seconds > 0 and math.isfinite(seconds)):
        raise ValueError(f"{name} is {seconds}: expected seconds above 0, or None for no limit")
    # gRPC treats a longer time as one that has already passed.
    return min(seconds, 1e9)


def check_word(kind: str, value: object, known: Iterable[str]) -> str:
    """Returns one of the known words. Raises ``TypeError`` or ``ValueError``."""
    expected = ", ".join(map(repr, known))
    if not isinstance(value, str):
        raise TypeError(f"{kind} is {value!r}: expected {expected}")
    if value not in known:
        raise ValueError(f"unknown {kind} {value!r}: expected {expected}")
    return value
