"""Texts, and the requests that clients send repeatedly."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """A text, and its token ids."""

    text: str
    ids: list[int]


@dataclass(frozen=True)
class Traffic:
    """Requests of one kind; each client sends a different one."""

    name: str
    requests: list[list[Text]]
    concurrencies: tuple[int, ...]
    """Numbers of concurrent requests; each is measured separately."""
