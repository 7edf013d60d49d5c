"""Every supported architecture gives the reference's results, for all tasks and both roles."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from harness.calls import encode
from harness.golden import assert_golden, embeddings, encode_request, golden_rows, values

VARIANTS = Path(__file__).resolve().parents[1] / "Golden/variants"

# Weights are random and rows short in these models. Rounding errors do not average out, and some
# texts amplify them.
INT8_COSINE_MIN = 0.9
INT8_MEAN_COSINE_MIN = 0.98


@pytest.fixture(params=sorted(VARIANTS.iterdir()), ids=lambda variant: variant.name)
def variant(request):
    return request.param


def test_fp32(start_server, variant):
    with start_server("--precision", "fp32", model=variant, admin="off").channel() as channel:
        for (task, role), rows in golden_rows(variant).items():
            response = encode(channel, encode_request(task, role, rows))
            assert_golden(response, rows, f"{task}, {role}")


def test_int8(start_server, variant):
    with start_server("--precision", "int8", model=variant, admin="off").channel() as channel:
        for (task, role), rows in golden_rows(variant).items():
            got = values(encode(channel, encode_request(task, role, rows)))
            reference = embeddings(rows)
            lengths = np.linalg.norm(got, axis=1) * np.linalg.norm(reference, axis=1)
            cosines = (got * reference).sum(axis=1) / lengths
            assert cosines.min() >= INT8_COSINE_MIN, f"{task}, {role}"
            assert cosines.mean() >= INT8_MEAN_COSINE_MIN, f"{task}, {role}"
