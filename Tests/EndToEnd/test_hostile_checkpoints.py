"""Models made to do harm are refused in one line, at once, and nothing that they bring is run."""

from __future__ import annotations

import os
import pickle
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from hostile import pickles, pickling, rules, safetensors, tensors, texts, zips
from hostile.case import Case

#: What a refusal may take on a machine that is busy with other things; an idle one takes hundredths.
SECONDS_MAX = 5

Refuse = Callable[[Iterable[Path]], "Refusals"]


@dataclass(frozen=True)
class Refusals:
    """How a number of models were refused."""

    lines: dict[str, str]
    slowest: tuple[float, str]


@pytest.fixture
def refuse(command, record_property) -> Refuse:
    """Has `scimult inspect` refuse each model, as many at once as there are cores."""

    def refuse_one(model: Path) -> tuple[str, str, float]:
        start = time.monotonic()
        outcome = command("inspect", model)
        seconds = time.monotonic() - start
        try:
            line = outcome.fail_in_one_line(1)
        except (AssertionError, ValueError) as fault:
            pytest.fail(f"{model.name}: {fault}: {outcome}")
        return model.name, line, seconds

    def refuse_all(models: Iterable[Path]) -> Refusals:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            outcomes = list(pool.map(refuse_one, models))
        slowest = max((seconds, name) for name, _, seconds in outcomes)
        record_property("models", len(outcomes))
        record_property("slowest", slowest)
        assert slowest[0] < SECONDS_MAX, f"{slowest[1]} took {slowest[0]} s"
        return Refusals({name: line for name, line, _ in outcomes}, slowest)

    return refuse_all


@pytest.fixture
def made(golden_variants, tmp_path) -> Callable[[Iterable[Case]], list[Path]]:
    """Makes models of cases, each in a folder of its own."""
    return lambda cases: [case.make(golden_variants, tmp_path / "models") for case in cases]


def test_pickles_that_would_run_code(refuse, made, tmp_path):
    marker = tmp_path / "executed"
    assert len(refuse(made(pickles.code_cases(marker))).lines) > 150
    assert not marker.exists()
    assert tmp_path.is_dir()


def test_such_a_pickle_does_run_code_in_python(tmp_path):
    """The pickles are no straw men: Python does what they say."""
    marker = tmp_path / "executed"
    content = pickling.dump(pickles.routes(marker)["posix.system"])
    load = "import pickle, sys; pickle.loads(sys.stdin.buffer.read())"
    subprocess.run([sys.executable, "-c", load], input=content, check=True)
    assert marker.exists()
    with pytest.raises(pickle.UnpicklingError):
        pickle.loads(b"\x80\x02")


@pytest.mark.parametrize(
    "cases",
    [pickles.broken_cases, zips.cases, tensors.cases, rules.cases, safetensors.cases, texts.cases],
    ids=["pickles", "zips", "tensors", "rules", "safetensors", "texts"],
)
def test_lies(refuse, made, cases):
    for name, line in refuse(made(cases())).lines.items():
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

    lines = refuse(made(cut(percent) for percent in range(100))).lines
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


def test_converted_file_with_a_flipped_byte(command, refuse, golden_variants, tmp_path):
    whole = tmp_path / "whole.scimult"
    command("convert", golden_variants / "vanilla", "-o", whole).succeed()
    content = whole.read_bytes()

    def flip(place: int) -> Path:
        path = tmp_path / f"flipped-{place}.scimult"
        path.write_bytes(content[:place] + bytes([content[place] ^ 0x20]) + content[place + 1 :])
        return path

    # Entries begin behind 64 bytes; the last 64 hold the directory's place.
    refuse([flip(place) for place in range(64, len(content) - 64, len(content) // 50)])


def test_good_models_are_not_refused(command, golden_variants, tmp_path):
    """The models that are spoiled are good ones, also when they are taken apart and put together again."""
    for variant in ("vanilla", "mod3-attention", "tokenizer-json"):
        command("inspect", golden_variants / variant).succeed()
    copy = tmp_path / "copy"
    shutil.copytree(golden_variants / "vanilla", copy)
    tensors.with_value(lambda _: None)(copy)
    command("inspect", copy).succeed()
