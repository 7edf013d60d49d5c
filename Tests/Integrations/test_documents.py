"""Code of other libraries in the documents runs as written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from harness.document_blocks import blocks

DOCUMENTS = Path(__file__).resolve().parents[2] / "docs"

BLOCK_SECONDS_MAX = 180


@pytest.mark.parametrize("library", ["langchain", "ray", "spark", "qdrant"])
def test_blocks(server, tmp_path, library):
    (block,) = blocks(DOCUMENTS / "clients.md", f"python {library}")
    (tmp_path / "examples").symlink_to(DOCUMENTS.parent / "examples")
    assert run(block.text.replace("127.0.0.1:50051", server.grpc), tmp_path) != ""


def run(text: str, folder: Path) -> str:
    """Runs a program, which must succeed, and returns its output."""
    program = folder / "program.py"
    program.write_text(text)
    ended = subprocess.run(
        [sys.executable, program],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=BLOCK_SECONDS_MAX,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout
