"""SCIMULT_ISA selects the set of kernels."""

from __future__ import annotations

import json

import pytest

TEXT = '{"title": "Mixture of experts", "abstract": "One expert for each task."}\n'


def embedding(command, model, kernels, precision):
    outcome = command(
        *("encode", "--model", model, "--task", "search", "--precision", precision),
        stdin=TEXT,
        environment={"SCIMULT_ISA": kernels},
    ).succeed()
    return json.loads(outcome.stdout)["embedding"]


# Sums of int8 products are exact. If the floating-point operations around them round differently, a
# value may fall into the next quantisation step.
@pytest.mark.parametrize(("precision", "error_max"), [("fp32", 1e-5), ("int8", 5e-2)])
def test_every_set_that_the_cpu_has_agrees(command, tiny_expert, precision, error_max):
    refusal = command("tokenize", "--model", tiny_expert, environment={"SCIMULT_ISA": "none"})
    available = refusal.fail(2).splitlines()[0].split("available are ")[1].split(", ")
    assert available[0] == "scalar"
    specification = embedding(command, tiny_expert, "scalar", precision)
    for kernels in available:
        values = embedding(command, tiny_expert, kernels, precision)
        assert values == pytest.approx(specification, abs=error_max)


def test_server_refuses_a_set_that_is_not_there(command, tiny_expert):
    stderr = command("serve", "--model", tiny_expert, environment={"SCIMULT_ISA": "mmx"}).fail(2)
    assert "SCIMULT_ISA=mmx" in stderr
    assert "scalar" in stderr
