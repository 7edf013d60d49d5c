"""docs/clients.md and the Python client's README: every block runs as it is written."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import textwrap
from pathlib import Path

import pytest

from harness.certificates import Authority, tls_options
from harness.document_blocks import Block, blocks

REPOSITORY = Path(__file__).resolve().parents[2]
DOCUMENTS = {
    "clients.md": REPOSITORY / "docs/clients.md",
    "README.md": REPOSITORY / "clients/python/README.md",
}

BLOCK_SECONDS_MAX = 60


def every(words: str) -> list:
    return [
        pytest.param(block, id=f"{name} {block}")
        for name, document in DOCUMENTS.items()
        for block in blocks(document, words)
    ]


@pytest.fixture
def folder(tmp_path) -> Path:
    """Where a reader's commands run: the repository's files are there."""
    for name in ("Protos", "examples"):
        (tmp_path / name).symlink_to(REPOSITORY / name)
    return tmp_path


@pytest.fixture
def run(server, start_server, folder):
    """Runs a block, with servers where it says that they are."""

    def run(block: Block, *interpreter: str | Path) -> str:
        text = block.text.replace("127.0.0.1:50051", server.grpc)
        if "scimult-client" in text and "--server" not in text:
            command = f'command scimult-client "$@" --server {server.grpc}'
            text = f"scimult-client() {{ {command}; }}\n{text}"
        for name in ("10.0.0.1:50051", "10.0.0.2:50051"):
            if name in text:
                text = text.replace(name, start_server().grpc)
        if "scimult.example:443" in text:
            authority = Authority(folder, "ca")
            (folder / "token").write_text("a-token\n")
            options = tls_options(authority.issue("server"), authority)
            secure = start_server("--auth-token-file", folder / "token", *options)
            authority.issue("client")
            text = text.replace("scimult.example:443", f"localhost:{secure.port}")
        scripts = sysconfig.get_path("scripts")
        ended = subprocess.run(
            [*interpreter, text],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=BLOCK_SECONDS_MAX,
            env={**os.environ, "PATH": f"{scripts}:{os.environ['PATH']}"},
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    return run


@pytest.mark.parametrize("block", every("python"))
def test_python(run, block):
    assert run(block, sys.executable, "-c") != ""


@pytest.mark.parametrize("block", every("sh"))
def test_commands(run, block):
    assert run(block, "bash", "-euo", "pipefail", "-c") != ""


def test_go_is_that_of_the_module_s_examples():
    """These are compiled with the module's tests."""
    examples = (REPOSITORY / "clients/go/example_test.go").read_text()
    found = blocks(DOCUMENTS["clients.md"], "go")
    assert found
    for block in found:
        assert textwrap.indent(block.text, "\t") in examples
