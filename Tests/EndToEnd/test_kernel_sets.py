"""SCIMULT_ISA: which set of kernels computes."""

from __future__ import annotations

import json

import pytest

TEXT = '{"title": "Mixture of experts", "abstract": "One expert for each task."}\n'


def embedding(command, model, kernels):
    outcome = command(
        *("encode", "--model", model, "--task", "search"),
        stdin=TEXT,
        environment={"SCIMULT_ISA": kernels},
    ).succeed()
    return json.loads(outcome.stdout)["embedding"]


def test_every_set_that_the_cpu_has_agrees(command, tiny_expert):
    refusal = command("tokenize", "--model", tiny_expert, environment={"SCIMULT_ISA": "none"})
    available = refusal.fail(2).splitlines()[0].split("available are ")[1].split(", ")
    assert available[0] == "scalar"
    specification = embedding(command, tiny_expert, "scalar")
    for kernels in available:
        assert embedding(command, tiny_expert, kernels) == pytest.approx(specification, abs=1e-5)


def test_server_refuses_a_set_that_is_not_there(command, tiny_expert):
    stderr = command("serve", "--model", tiny_expert, environment={"SCIMULT_ISA": "mmx"}).fail(2)
    assert "SCIMULT_ISA=mmx" in stderr
    assert "scalar" in stderr
