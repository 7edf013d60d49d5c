"""The real MiniLM, saved again by sentence-transformers, is truncated as by the library."""

from __future__ import annotations

import pytest
from sentence_transformers import SentenceTransformer

from served_vectors import assert_near, assert_same, differ, of_sentence_transformers, served

LONG = " ".join(f"Study {number} of protein folding in membranes." for number in range(90))
TEXTS = [LONG, "graph neural networks", "Études of β-sheets, 中文", LONG[len(LONG) // 2 :]]


@pytest.mark.parametrize("length", [None, 128, 512])
def test_saved_again(command, minilm, tmp_path, length):
    model = SentenceTransformer(str(minilm), device="cpu")
    assert len(model.tokenizer(LONG, truncation=False)["input_ids"]) > 600
    if length is not None:
        model.max_seq_length = length
    model.save(str(tmp_path / "model"))
    expected = of_sentence_transformers(tmp_path / "model", TEXTS)
    assert expected.tokens[0] == (length or 256)
    if length is not None:
        assert differ(
            of_sentence_transformers(minilm, [LONG]),
            of_sentence_transformers(tmp_path / "model", [LONG]),
        )
    assert_same(served(command, tmp_path / "model", TEXTS), expected)
    assert_near(served(command, tmp_path / "model", TEXTS, precision="int8"), expected)
    command("convert", tmp_path / "model", "-o", tmp_path / "converted").succeed()
    assert_near(served(command, tmp_path / "converted", TEXTS, precision="auto"), expected)
