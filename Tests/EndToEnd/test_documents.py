"""The documents: commands that can be copied run as written, and links have targets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.document_blocks import blocks
from harness.reader import Reader

REPOSITORY = Path(__file__).resolve().parents[2]
DOCUMENTS = {
    str(path.relative_to(REPOSITORY)): path
    for folder in ("", "docs", "clients/python", "clients/go")
    for path in sorted((REPOSITORY / folder).glob("*.md"))
}

#: Documents whose commands other tests run: with several servers, proxies or a machine to install.
ELSEWHERE = {
    "CONTRIBUTING.md": "its commands are those of `make`, and those that run these tests",
    "docs/clients.md": "test_clients_document.py",
    "clients/python/README.md": "test_clients_document.py",
    "docs/deploy.md": "make deploy-check",
    "docs/mesh.md": "make mesh",
}

#: The beginnings of commands, for blocks that are not marked as commands.
COMMAND = re.compile(
    r"^(\w+=\S+ )*(scimult|scimult-client|make|grpcurl|curl|python3?|docker) [\w./-]"
)


@pytest.mark.parametrize("name", sorted(DOCUMENTS.keys() - ELSEWHERE.keys()))
def test_blocks_run_one_after_the_other(scimult, server, tmp_path, name):
    reader = Reader(tmp_path, scimult, server.grpc)
    found = [block for words in ("sh", "python") for block in blocks(DOCUMENTS[name], words)]
    for block in sorted(found, key=lambda block: block.line):
        reader.runs(block)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_commands_are_marked_as_such(name):
    """Otherwise none of these tests would run them."""
    for fence in re.findall(r"^```\n(.*?)^```$", DOCUMENTS[name].read_text(), re.M | re.S):
        assert not COMMAND.search(fence), fence


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name):
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", DOCUMENTS[name].read_text()):
        path, _, anchor = target.partition("#")
        page = DOCUMENTS[name].parent / path if path else DOCUMENTS[name]
        assert page.exists(), target
        assert not anchor or anchor in anchors(page), target


def anchors(page: Path) -> set[str]:
    """Returns the names of headings in links."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.M)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
