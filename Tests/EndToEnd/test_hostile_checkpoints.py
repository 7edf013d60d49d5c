"""Malicious models are refused immediately with one line, and none of their code runs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.command import Outcome
from hostile import pickles, pickling, rules, safetensors, tensors, texts, zips
from hostile.case import Case

#: The maximum CPU time of a refusal. A tenth of it is usual; sanitizers need more.
CPU_SECONDS_MAX = 5

Refuse = Callable[[Iterable[Path]], dict[str, str]]


@dataclass(frozen=True)
class Inspection:
    """The output of `scimult inspect` for a model, and its duration."""

    model: str
    outcome: Outcome
    seconds: float

    @property
    def fault(self) -> str | None:
        """Returns what is wrong with the refusal."""
        if self.outcome.code != 1 or self.outcome.stdout or self.outcome.stderr.count("\n") != 1:
            return f"{self.model}: {self.outcome}"
        return None


@pytest.fixture
def refuse(command, record_testsuite_property, request) -> Refuse:
    """Runs `scimult inspect` on models, one per core at a time; returns the error lines."""

    def inspect(model: Path) -> Inspection:
        start = time.monotonic()
        outcome = command("inspect", model, launcher=["prlimit", f"--cpu={CPU_SECONDS_MAX}"])
        return Inspection(model.name, outcome, time.monotonic() - start)

    def refuse_all(models: Iterable[Path]) -> dict[str, str]:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            inspections = list(pool.map(inspect, models))
        assert [i.fault for i in inspections if i.fault] == []
        slowest = max(inspections, key=lambda i: i.seconds)
        slowest_text = f"{slowest.model} of {len(inspections)}: {slowest.seconds:.3f} s"
        record_testsuite_property(request.node.name, slowest_text)
        return {i.model: i.outcome.stderr for i in inspections}

    return refuse_all


@pytest.fixture
def made(golden_variants, tmp_path) -> Callable[[Iterable[Case]], list[Path]]:
    """Makes the models of cases, each in a separate folder."""
    return lambda cases: [case.make(golden_variants, tmp_path / "models") for case in cases]


def test_pickles_that_would_run_code(refuse, made, tmp_path):
    marker = tmp_path / "executed"
    assert len(refuse(made(pickles.code_cases(marker)))) > 150
    assert not marker.exists()
    assert tmp_path.is_dir()


def test_such_a_pickle_does_run_code_in_python(tmp_path):
    """The pickles are realistic: Python runs their code."""
    marker = tmp_path / "executed"
    content = pickling.dump(pickles.routes(marker)["posix.system"])
    load = "import pickle, sys; pickle.loads(sys.stdin.buffer.read())"
    subprocess.run([sys.executable, "-c", load], input=content, check=True)
    assert marker.exists()


@pytest.mark.parametrize(
    "cases",
    [pickles.broken_cases, zips.cases, tensors.cases, rules.cases, safetensors.cases, texts.cases],
    ids=["pickles", "zips", "tensors", "rules", "safetensors", "texts"],
)
def test_lies(refuse, made, cases):
    for name, line in refuse(made(cases())).items():
        assert name in line, "the line names the file at fault"


@pytest.mark.parametrize(
    ("variant", "file"),
    [("vanilla", "scimult.ckpt"), ("tokenizer-json", "model.safetensors")],
)
def test_weights_cut_at_every_percent(refuse, made, variant, file):
    def cut(percent: int) -> Case:
        def spoil(folder: Path) -> None:
            content = (folder / file).read_bytes()
            (folder / file).write_bytes(content[: len(content) * percent // 100])

        return Case(f"cut-{percent}", variant, spoil)

    lines = refuse(made(cut(percent) for percent in range(100)))
    assert all(file in line for line in lines.values())


def test_converted_file_cut_at_every_percent(command, refuse, golden_variants, tmp_path):
    whole = tmp_path / "whole.scimult"
    command("convert", golden_variants / "vanilla", "-o", whole).succeed()
    content = whole.read_bytes()

    def cut(percent: int) -> Path:
        path = tmp_path / f"cut-{percent}.scimult"
        path.write_bytes(content[: len(content) * percent // 100])
        return path

    refuse([cut(percent) for percent in range(100)])


def test_good_models_are_not_refused(command, golden_variants, tmp_path):
    """The models are valid before they are changed, also after they are parsed and rewritten."""
    for variant in ("vanilla", "mod3-attention", "tokenizer-json"):
        command("inspect", golden_variants / variant).succeed()
    copy = tmp_path / "copy"
    shutil.copytree(golden_variants / "vanilla", copy)
    tensors.with_value(lambda _: None)(copy)
    command("inspect", copy).succeed()
