"""Paths of the tests."""

from __future__ import annotations

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
DEPLOY = REPOSITORY / "deploy"
#: Files that are cached between runs.
CACHE = REPOSITORY / ".build-deploy"
