"""docs/clients.md and the Python client's README: every block runs as written."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from harness.certificates import tls_options
from harness.document_blocks import Block, blocks
from harness.reader import Reader

REPOSITORY = Path(__file__).resolve().parents[2]
DOCUMENTS = {
    "clients.md": REPOSITORY / "docs/clients.md",
    "README.md": REPOSITORY / "clients/python/README.md",
}


def every(words: str) -> list:
    return [
        pytest.param(block, id=f"{name} {block}")
        for name, document in DOCUMENTS.items()
        for block in blocks(document, words)
    ]


@pytest.fixture
def run(scimult, server, start_server, tmp_path):
    """Runs a block, with servers if it needs them."""
    reader = Reader(tmp_path, scimult, server.grpc)

    def run(block: Block) -> str:
        for name in ("10.0.0.1:50051", "10.0.0.2:50051"):
            if name in block.text:
                reader.places[name] = start_server().grpc
        if "scimult.example:443" in block.text:
            (tmp_path / "token").write_text("a-token\n")
            options = tls_options(reader.authority.issue("server"), reader.authority)
            secure = start_server("--auth-token-file", tmp_path / "token", *options)
            reader.authority.issue("client")
            reader.places["scimult.example:443"] = f"localhost:{secure.port}"
        return reader.runs(block)

    return run


@pytest.mark.parametrize("block", [*every("python"), *every("sh")])
def test_blocks(run, block):
    assert run(block) != ""


def test_go_is_that_of_the_module_s_examples():
    """The module's tests compile these examples."""
    examples = (REPOSITORY / "clients/go/example_test.go").read_text()
    found = blocks(DOCUMENTS["clients.md"], "go")
    assert found
    for block in found:
        assert textwrap.indent(block.text, "\t") in examples
