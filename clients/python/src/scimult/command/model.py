"""``scimult-client model``: shows a server's model."""

from __future__ import annotations

import argparse
import dataclasses
import json

from ..client import Client


def model(client: Client, arguments: argparse.Namespace) -> None:
    """Prints the server's description of its model."""
    described = dataclasses.asdict(client.model())
    if arguments.json:
        print(json.dumps(described, ensure_ascii=False))
        return
    for name, value in described.items():
        shown = ", ".join(map(_shown, value)) if isinstance(value, tuple) else value
        print(f"{name.replace('_', ' '):18} {shown}")


def _shown(part: str | dict[str, str]) -> str:
    """Formats a task's name, or an expert with its task and role."""
    return part if isinstance(part, str) else f"{part['name']} ({part['task']}, {part['role']})"
