"""``scimult-client model``: what a server has."""

from __future__ import annotations

import argparse
import dataclasses
import json

from ..client import Client


def model(client: Client, arguments: argparse.Namespace) -> None:
    """Prints what the server tells about its model."""
    described = dataclasses.asdict(client.model())
    if arguments.json:
        print(json.dumps(described, ensure_ascii=False))
        return
    for name, value in described.items():
        shown = ", ".join(map(_shown, value)) if isinstance(value, tuple) else value
        print(f"{name.replace('_', ' '):18} {shown}")


def _shown(part: str | dict[str, str]) -> str:
    """A task's name, or an expert beside what it serves."""
    return part if isinstance(part, str) else f"{part['name']} ({part['task']}, {part['role']})"
