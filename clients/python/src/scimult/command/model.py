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
        shown = ", ".join(value) if isinstance(value, tuple) else value
        print(f"{name.replace('_', ' '):18} {shown}")
