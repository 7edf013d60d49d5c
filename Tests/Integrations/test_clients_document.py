"""What docs/clients.md shows of other libraries runs as it is written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from harness.document_blocks import blocks

REPOSITORY = Path(__file__).resolve().parents[2]

BLOCK_SECONDS_MAX = 180


@pytest.mark.parametrize("library", ["langchain", "ray", "spark", "qdrant"])
def test_blocks(server, tmp_path, library):
    (block,) = blocks(REPOSITORY / "docs/clients.md", f"python {library}")
    (tmp_path / "examples").symlink_to(REPOSITORY / "examples")
    program = tmp_path / "program.py"
    program.write_text(block.text.replace("127.0.0.1:50051", server.grpc))
    ended = subprocess.run(
        [sys.executable, program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=BLOCK_SECONDS_MAX,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout != ""
