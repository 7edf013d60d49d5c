"""`make demo` finishes and leaves no server behind."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLES = REPOSITORY / "examples"


def run_demo(scimult: Path, minilm: Path, expert: Path) -> subprocess.CompletedProcess[str]:
    models = ["--minilm", minilm, "--expert", expert]
    return subprocess.run(
        [sys.executable, REPOSITORY / "scripts/demo.py", "--scimult", scimult, *models],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_demo(scimult, tiny_expert, golden_variants):
    # Another small model replaces MiniLM, which is not part of the repository.
    ended = run_demo(scimult, golden_variants / "sentence-transformers-mean", tiny_expert)
    assert (ended.returncode, ended.stderr) == (0, "")
    for word in ("Search", "Link prediction", "Classification", "cosines", "1.000", " ms"):
        assert word in ended.stdout
    assert "\x1b" not in ended.stdout


def test_model_that_does_not_load_is_explained(scimult, tiny_expert, tmp_path):
    ended = run_demo(scimult, tmp_path, tiny_expert)
    assert ended.returncode == 1
    assert str(tmp_path) in ended.stderr
    assert "Traceback" not in ended.stderr


def test_examples_are_documents_with_ids_of_their_own():
    for name, keys in (
        ("papers.jsonl", ["id", "title", "abstract", "year"]),
        ("labels.jsonl", ["id", "title", "abstract"]),
    ):
        rows = [json.loads(line) for line in (EXAMPLES / name).read_text("utf-8").splitlines()]
        assert all(list(row) == keys for row in rows)
        assert len({row["id"] for row in rows}) == len(rows)
        assert all(row["title"] and row["abstract"] for row in rows)
