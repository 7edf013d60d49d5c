"""`scimult inspect`: the description of a model."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from typing import Any

import pytest


def leaves(value: Any) -> Iterator[Any]:
    """Yields all strings and numbers in a JSON value."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    else:
        yield value


def test_text(command, tiny_expert):
    outcome = command("inspect", tiny_expert).succeed()
    shown = outcome.stdout.lower()
    for word in ("expert", "64", "512", "search", "link", "classification", "1, 3", "cls"):
        assert word in shown
    assert outcome.stderr == ""


def test_json(command, tiny_expert):
    outcome = command("inspect", tiny_expert, "--json").succeed()
    description = json.loads(outcome.stdout)
    values = set(leaves(description))
    assert {"expert", 64, 4, 512, 30522} <= values
    assert {1, 3} <= values
    assert outcome.stderr == ""


@pytest.mark.parametrize(
    ("variant", "words"),
    [
        ("vanilla", ["vanilla"]),
        ("instruction", ["instruction"]),
        ("mean-pool", ["mean", "cosine"]),
        ("sentence-transformers-mean", ["mean"]),
        ("mod12-attention", ["expert", "11"]),
    ],
)
def test_variants(command, golden_variants, variant, words):
    shown = command("inspect", golden_variants / variant).succeed().stdout.lower()
    for word in words:
        assert word in shown


def test_prompts_that_instructions_replace_are_named(command, golden_variants, tmp_path):
    folder = shutil.copytree(golden_variants / "prompts", tmp_path / "model")
    instructions = {"instructions": {"search": {"query": "find"}}}
    (folder / "scimult.json").write_text(json.dumps(instructions))
    shown = command("inspect", folder).succeed().stdout.splitlines()
    assert [line.split(maxsplit=2)[2] for line in shown if line.startswith("unused prompts")] == [
        "document, passage, query"
    ]
