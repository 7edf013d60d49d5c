"""`scimult encode --resume` continues any interrupted run; no row is lost or duplicated."""

from __future__ import annotations

import gzip
import json
import os
import random
import shutil
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

from harness.command import json_lines

#: The number of killed runs, over all forms.
KILLS = 50

#: For one job: more than a killed run can finish.
DOCUMENTS = 30_000


def documents(count: int) -> str:
    generator = random.Random(7)
    words = ("cell", "gene", "fern", "graph", "expert", "mixture")
    return json_lines(
        {
            "id": number,
            "title": f"cells of kind {number}",
            "abstract": " ".join(generator.choices(words, k=40)),
        }
        for number in range(count)
    )


@pytest.fixture(scope="module")
def job(scimult, tiny_expert, tmp_path_factory) -> tuple[Path, np.ndarray]:
    """A file of documents, and the vectors from one run."""
    folder = tmp_path_factory.mktemp("job")
    source, whole = folder / "papers.jsonl", folder / "whole.npy"
    source.write_text(documents(DOCUMENTS))
    subprocess.run(encode(scimult, tiny_expert, source, whole, resume=False), check=True)
    return source, np.load(whole)


def encode(
    scimult: Path, model: Path, source: Path, result: Path, *, resume: bool = True
) -> list[str | Path]:
    command = [scimult, "encode", "--model", model, "--task", "search"]
    return [*command, "--input", source, "--output", result, *(["--resume"] if resume else [])]


@pytest.mark.parametrize("form", ["npy", "jsonl", "gz"])
def test_killed_at_any_moment(scimult, tiny_expert, job, tmp_path, form):
    source, expected = job
    if form == "gz":
        packed = tmp_path / "papers.jsonl.gz"
        packed.write_bytes(gzip.compress(source.read_bytes(), compresslevel=1))
        source = packed
    result = tmp_path / ("vectors.jsonl" if form == "jsonl" else "vectors.npy")
    command = encode(scimult, tiny_expert, source, result)
    generator = random.Random(form)
    kills = jobs = 0
    while kills < KILLS / 3:
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as run:
            time.sleep(generator.uniform(0.05, 0.8))
            run.kill()
            _, complaints = run.communicate()
        if run.returncode == 0:
            # The run finished first; another job gets the remaining kills.
            check(result, expected)
            result.unlink()
            jobs += 1
            assert jobs < KILLS, "no run is slow enough to be killed"
        else:
            assert not complaints
            assert not result.exists()
            kills += 1
    subprocess.run(command, check=True, capture_output=True)
    check(result, expected)
    left = {path.name for path in tmp_path.iterdir()} - {"papers.jsonl.gz"}
    assert left == {result.name, f"{result.name}.progress"}


def check(result: Path, expected: np.ndarray) -> None:
    """Checks that every row occurs once, in order; int8 results do not depend on batches."""
    if result.suffix == ".npy":
        np.testing.assert_array_equal(np.load(result), expected)
        return
    with result.open() as lines:
        for number, line in enumerate(lines):
            row = json.loads(line)
            assert row["id"] == number
            np.testing.assert_array_equal(np.float32(row["embedding"]), expected[number])
    assert number + 1 == len(expected)


@pytest.fixture
def small(tmp_path) -> Path:
    source = tmp_path / "papers.jsonl"
    source.write_text(documents(600))
    return source


def test_bad_line_keeps_what_is_done(command, scimult, tiny_expert, tmp_path):
    source, result = tmp_path / "papers.jsonl", tmp_path / "vectors.npy"
    source.write_text(documents(DOCUMENTS) + "broken\n" + documents(3))
    run = encode(scimult, tiny_expert, source, result)[1:]
    line = command(*run).fail_in_one_line(1)
    assert f"line {DOCUMENTS + 1}" in line
    assert "what is done is kept" in line
    done = json.loads((tmp_path / "vectors.npy.progress").read_text())["rows"]
    assert done > 0
    source.write_text(documents(DOCUMENTS) + documents(3))
    command(*run).succeed()
    vectors = np.load(result)
    assert len(vectors) == DOCUMENTS + 3
    np.testing.assert_array_equal(vectors[:3], vectors[-3:])


def test_skipped_lines_are_counted_over_all_runs(command, scimult, tiny_expert, small, tmp_path):
    small.write_text("broken\n" + small.read_text() + "broken too\n")
    result = tmp_path / "vectors.npy"
    run = [*encode(scimult, tiny_expert, small, result)[1:], "--skip-bad-lines"]
    assert "2 bad lines skipped" in command(*run).succeed().stderr


def test_complete_is_left_as_it_is(command, scimult, tiny_expert, small, tmp_path):
    result = tmp_path / "vectors.npy"
    run = encode(scimult, tiny_expert, small, result)[1:]
    command(*run).succeed()
    before = result.stat().st_mtime_ns
    assert "complete already" in command(*run).succeed().stderr
    assert result.stat().st_mtime_ns == before


@pytest.fixture
def complete(command, scimult, tiny_expert, small, tmp_path) -> tuple[Path, list[str | Path]]:
    """A finished job, and its command."""
    run = encode(scimult, tiny_expert, small, tmp_path / "vectors.npy")[1:]
    command(*run).succeed()
    return tmp_path / "vectors.npy", run


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (["--task", "classification"], "the task is classification, and was search"),
        (["--role", "candidate"], "the role is candidate, and was query"),
        (["--precision", "fp32"], "the precision is fp32, and was int8"),
    ],
)
def test_complete_output_is_of_no_other_work(command, complete, change, reason):
    result, run = complete
    before = result.read_bytes()
    line = command(*run, *change).fail_in_one_line(1)
    assert f"{result}: is complete, and of other work: {reason}. Remove it" in line
    assert result.read_bytes() == before


def test_complete_output_is_of_no_other_model(command, complete, golden_variants):
    _, run = complete
    line = command(*run, "--model", golden_variants / "vanilla").fail_in_one_line(1)
    assert "is complete, and of other work: the model is another" in line


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda text: text.replace("kind 0", "kind x"), "begins with other documents"),
        (lambda text: text.replace("kind 599", "kind 598"), "begins with other documents"),
        (lambda text: text + documents(1), "its 600 rows are of the first"),
        (lambda text: text[: len(text) // 2], "begins with other documents"),
        (lambda text: documents(9), "begins with other documents"),
    ],
    ids=["first", "last", "grown", "half", "other"],
)
def test_complete_output_is_of_no_other_input(command, complete, small, change, reason):
    result, run = complete
    before = result.read_bytes()
    text = small.read_text()
    small.write_text(change(text))
    assert reason in command(*run).fail_in_one_line(1)
    assert result.read_bytes() == before
    small.write_text(text)
    assert "complete already" in command(*run).succeed().stderr


def test_removed_output_is_begun_anew(command, complete, small):
    result, run = complete
    result.unlink()
    assert not list(result.parent.glob("*.partial"))
    small.write_text("broken\n")
    command(*run).fail_in_one_line(1)
    small.write_text(documents(3))
    command(*run).succeed()
    assert len(np.load(result)) == 3


def test_output_of_which_nothing_is_known_is_refused(
    command, scimult, tiny_expert, small, tmp_path
):
    result = tmp_path / "vectors.npy"
    run = encode(scimult, tiny_expert, small, result)[1:]
    command(*encode(scimult, tiny_expert, small, result, resume=False)[1:]).succeed()
    before = result.read_bytes()
    line = command(*run).fail_in_one_line(1)
    assert line.endswith(
        "is there already, and nothing says what it was made of: remove it to begin anew"
    )
    assert result.read_bytes() == before


def test_output_that_was_replaced_is_refused(command, scimult, tiny_expert, complete, small):
    result, run = complete
    whole = result.read_bytes()
    # Another run without --resume leaves nothing of the job that it replaced.
    other = small.with_name("other.jsonl")
    other.write_text(documents(600).replace("kind", "sort"))
    command(*encode(scimult, tiny_expert, other, result, resume=False)[1:]).succeed()
    assert "nothing says what it was made of" in command(*run).fail_in_one_line(1)
    result.unlink()
    command(*run).succeed()
    assert result.read_bytes() == whole
    result.write_bytes(whole[:-4])
    assert "is not the file that --resume completed" in command(*run).fail_in_one_line(1)


def test_run_that_ends_before_the_file_is_in_its_place(command, complete, tmp_path):
    result, run = complete
    whole = result.read_bytes()
    result.rename(tmp_path / "vectors.npy.partial")
    command(*run).succeed()
    assert result.read_bytes() == whole
    assert "complete already" in command(*run).succeed().stderr


@pytest.fixture
def begun(command, scimult, tiny_expert, tmp_path) -> tuple[Path, list[str | Path]]:
    """A partly finished job."""
    source, result = tmp_path / "papers.jsonl", tmp_path / "vectors.npy"
    source.write_text(documents(DOCUMENTS) + "broken\n")
    run = encode(scimult, tiny_expert, source, result)[1:]
    command(*run).fail_in_one_line(1)
    return source, run


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (["--task", "classification"], "the task is classification, and was search"),
        (["--role", "candidate"], "the role is candidate, and was query"),
        (["--precision", "fp32"], "the precision is fp32, and was int8"),
    ],
)
def test_other_work_is_refused(command, begun, change, reason):
    _, run = begun
    assert reason in command(*run, *change).fail_in_one_line(1)


def test_other_model_is_refused(command, begun, golden_variants):
    _, run = begun
    line = command(*run, "--model", golden_variants / "vanilla").fail_in_one_line(1)
    assert "the model is another" in line


def test_copy_of_the_model_is_none_other(command, begun, tiny_expert, tmp_path):
    source, run = begun
    source.write_text(source.read_text().removesuffix("broken\n"))
    copy = shutil.copytree(tiny_expert, tmp_path / "copy")
    command(*run, "--model", copy).succeed()


def test_other_input_is_refused(command, begun):
    source, run = begun
    whole = source.read_text()
    source.write_text(whole.replace("cells of kind 0", "cells of kind x", 1))
    assert "begins with other documents" in command(*run).fail_in_one_line(1)
    # The same beginning, and a different line among the finished ones.
    source.write_text(whole.replace('cells of kind 999"', 'cells of kind 998"', 1))
    assert "begins with other documents" in command(*run).fail_in_one_line(1)
    source.write_text(whole[:70_000].rsplit("\n", 1)[0])
    assert "begins with other documents" in command(*run).fail_in_one_line(1)


def test_killed_while_it_tells_how_far_it_is(command, begun, tmp_path):
    source, run = begun
    left = tmp_path / "vectors.npy.progress.partial"
    left.write_text("{")
    source.write_text(source.read_text().removesuffix("broken\n"))
    command(*run).succeed()
    assert {path.name for path in tmp_path.iterdir()} == {
        source.name,
        "vectors.npy",
        "vectors.npy.progress",
    }


def test_partial_file_that_is_gone_is_named(command, begun, tmp_path):
    _, run = begun
    (tmp_path / "vectors.npy.partial").unlink()
    assert "vectors.npy.partial" in command(*run).fail_in_one_line(1)


def test_progress_that_cannot_be_read_is_named(command, begun, tmp_path):
    _, run = begun
    (tmp_path / "vectors.npy.progress").write_text("{")
    assert "vectors.npy.progress" in command(*run).fail_in_one_line(1)


def test_two_at_once_are_refused(command, scimult, begun, tmp_path):
    source, run = begun
    source.write_text(documents(DOCUMENTS) * 10)
    with subprocess.Popen([scimult, *run], stderr=subprocess.DEVNULL) as first:
        time.sleep(0.5)
        line = command(*run).fail_in_one_line(1)
        assert "another process writes it" in line
        first.kill()


@pytest.mark.parametrize("stream", ["--input", "--output"])
def test_streams_cannot_be_resumed(command, scimult, tiny_expert, small, tmp_path, stream):
    run = encode(scimult, tiny_expert, small, tmp_path / "vectors.npy")[1:]
    run[run.index(stream) + 1] = "-"
    outcome = command(*run)
    assert outcome.code == 2
    assert "--resume needs files" in outcome.stderr


@pytest.mark.parametrize("stream", ["--input", "--output"])
def test_pipes_cannot_be_resumed(command, scimult, tiny_expert, small, tmp_path, stream):
    """They are refused without being opened, because opening would wait for the other side."""
    pipe = tmp_path / "pipe.jsonl"
    os.mkfifo(pipe)
    run = encode(scimult, tiny_expert, small, tmp_path / "vectors.npy")[1:]
    run[run.index(stream) + 1] = pipe
    outcome = command(*run)
    assert outcome.code == 2
    assert f"--resume needs a regular file: {stream} {pipe} is a pipe" in outcome.stderr


def test_pipe_of_a_shell_cannot_be_resumed(command, scimult, tiny_expert, small, tmp_path):
    run = encode(scimult, tiny_expert, Path("/dev/stdin"), tmp_path / "vectors.npy")[1:]
    outcome = command(*run, stdin=small.read_text())
    assert outcome.code == 2
    assert "--resume needs a regular file: --input /dev/stdin is a pipe" in outcome.stderr
