"""SciRepEval's control codes: the task's token precedes the text, and its state is the vector."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from harness.calls import encode, get_model
from harness.golden import (
    assert_golden_together,
    embeddings,
    encode_request,
    golden_rows,
)
from scimult._generated import scimult_pb2 as pb

VARIANTS = {
    "control-codes": ["classification", "link_prediction", "search", "regression"],
    "control-codes-chosen": ["classification", "link_prediction", "search", "topics", "years"],
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_each_task_is_read_behind_its_code(start_server, golden_variants, variant):
    rows = golden_rows(golden_variants / variant)
    server = start_server("--precision", "fp32", model=golden_variants / variant, admin="off")
    with server.channel() as channel:
        model = get_model(channel)
        assert_golden_together(channel, rows, times=3, workers=16)
    assert list(model.task_names) == VARIANTS[variant]


def test_the_codes_matter(golden_variants):
    rows = golden_rows(golden_variants / "control-codes")
    firsts = {use: some[0] for use, some in rows.items()}
    codes = {row.input_ids[1] for row in firsts.values()}
    assert len(codes) == 4
    by_code = {row.input_ids[1]: row.embedding for row in firsts.values()}
    vectors = np.stack(list(by_code.values()))
    distances = np.abs(vectors[:, None] - vectors[None]).max(axis=2)
    assert distances[~np.eye(4, dtype=bool)].min() > 0.01


def test_a_code_in_a_text_is_no_code(start_server, golden_variants):
    """A code in the text is read as words, not as the task's code."""
    model = golden_variants / "control-codes"
    with start_server("--precision", "fp32", model=model, admin="off").channel() as channel:
        text = pb.Document(text="[CLF] cells")
        plain = pb.Document(text="cells")
        told = encode(channel, pb.EncodeRequest(task=pb.TASK_SEARCH, documents=[text, plain]))
        coded, bare = told.embeddings
        assert coded.tokens > bare.tokens
        assert list(coded.values) != list(bare.values)


def test_converted(command, start_server, golden_variants, tmp_path):
    for variant in VARIANTS:
        file = tmp_path / f"{variant}.scimult"
        words = ("convert", golden_variants / variant, "-o", file, "--precision", "int8")
        command(*words).succeed()
        with start_server(model=file, admin="off").channel() as channel:
            for (task, role), rows in golden_rows(golden_variants / variant).items():
                response = encode(channel, encode_request(task, role, rows))
                got = np.array([each.values for each in response.embeddings])
                wanted = embeddings(rows)
                lengths = np.linalg.norm(got, axis=1) * np.linalg.norm(wanted, axis=1)
                assert ((got * wanted).sum(axis=1) / lengths).min() > 0.97


@pytest.mark.parametrize("code", ["[NONE]", "two words", ""])
def test_a_code_that_is_not_one_token_is_refused(command, golden_variants, tmp_path, code):
    model = shutil.copytree(golden_variants / "control-codes-chosen", tmp_path / "model")
    file = model / "scimult.json"
    settings = json.loads(file.read_text())
    settings["control_codes"]["topics"] = code
    file.write_text(json.dumps(settings))
    line = command("inspect", model).fail_in_one_line(1)
    assert str(file) in line
    assert "control_codes" in line
    assert "topics" in line
