"""Texts, and requests of them that clients send over and over."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """A text, and what the model reads of it."""

    text: str
    ids: list[int]


@dataclass(frozen=True)
class Traffic:
    """Requests of one kind; each client sends another one."""

    name: str
    requests: list[list[Text]]
    concurrencies: tuple[int, ...]
    """Requests that are open at a time, each a measurement of its own."""
