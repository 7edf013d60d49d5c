"""The licences of the server's components allow shipping them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]

if not (REPOSITORY / ".build/release/scimult").is_file():
    pytest.skip("nothing is built here to be listed", allow_module_level=True)


def test_every_licence_is_known_and_permitted():
    listed = subprocess.run(
        [sys.executable, REPOSITORY / "scripts/licenses.py", "--json"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert listed.returncode == 0, listed.stderr
    names = {part["name"] for part in json.loads(listed.stdout)}
    assert {
        "swift-nio",
        "swift-nio-ssl",
        "swift-argument-parser",
        "grpcio",
        "protobuf",
        "numpy",
    } <= names
