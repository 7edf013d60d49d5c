"""A document whose result is not finite fails alone, like an invalid line."""

from __future__ import annotations

import json
import shutil
import struct
from pathlib import Path

import numpy as np
import pytest

from harness.command import json_lines
from harness.poison import WORD, poison

BAD = f"slopes of {WORD}"


@pytest.fixture(scope="module")
def model(golden_variants, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("poisoned") / "model"
    return poison(golden_variants / "bert-safetensors", folder)


def lines(count: int, *bad: int) -> str:
    """Returns lines, of which those with these numbers (from 1) cannot be encoded."""
    return json_lines(
        {"id": f"d{number}", "text": BAD if number in bad else f"spores in wind {number}"}
        for number in range(1, count + 1)
    )


@pytest.fixture
def encode(command, model, tmp_path):
    source = tmp_path / "papers.jsonl"

    def run(text: str, *options: str | Path, input: Path = source):
        input.write_text(text)
        return command("encode", "--model", model, "--task", "search", "--input", input, *options)

    return run


@pytest.mark.parametrize(("count", "bad"), [(3, 2), (1, 1), (1_500, 701), (1_500, 513)])
def test_names_the_line_and_writes_what_comes_before(encode, tmp_path, count, bad):
    outcome = encode(lines(count, bad))
    assert outcome.code == 1
    assert outcome.stderr.splitlines() == [
        f'scimult: {tmp_path}/papers.jsonl: line {bad} (id "d{bad}"): could not be encoded: '
        "the model makes no finite numbers of it; --skip-bad-lines passes over it"
    ]
    assert [row["id"] for row in outcome.json_lines()] == [f"d{n}" for n in range(1, bad)]


@pytest.mark.parametrize("count", [1, 2, 512, 513, 700, 1_030])
@pytest.mark.parametrize("is_pipe", [False, True], ids=["file", "pipe"])
def test_rows_before_a_bad_line_are_written(command, encode, model, tmp_path, count, is_pipe):
    text = lines(count) + "broken\n" + lines(5)
    if is_pipe:
        name = "standard input"
        outcome = command("encode", "--model", model, "--task", "search", stdin=text)
    else:
        name = tmp_path / "papers.jsonl"
        outcome = encode(text)
    assert outcome.code == 1
    assert outcome.stderr.startswith(f"scimult: {name}: line {count + 1}: not valid JSON")
    assert [row["id"] for row in outcome.json_lines()] == [f"d{n}" for n in range(1, count + 1)]


@pytest.mark.parametrize("count", [0, 1, 300, 512, 700])
@pytest.mark.parametrize("suffix", ["npy", "jsonl"])
def test_resumable_run_keeps_the_rows_before_a_bad_line(encode, tmp_path, count, suffix):
    result = tmp_path / f"vectors.{suffix}"
    for _ in range(2):
        line = encode(
            lines(count) + "\nbroken\n" + lines(5), "--output", result, "--resume"
        ).fail_in_one_line(1)
        assert f"line {count + 2}: not valid JSON" in line
        if count:
            journal = json.loads((tmp_path / f"{result.name}.progress").read_text())
            assert journal["rows"] == count
    text = lines(count) + '\n{"text": "mended"}\n' + lines(5)
    encode(text, "--output", result, "--resume").succeed()
    whole = tmp_path / f"whole.{suffix}"
    encode(text, "--output", whole).succeed()
    assert result.read_bytes() == whole.read_bytes()


def test_resumable_run_keeps_the_rows_before_a_bad_row_of_a_table(encode, tmp_path):
    source, result = tmp_path / "papers.csv", tmp_path / "vectors.jsonl"
    head = 'id,text\n1,"spores, in wind"\n2,"a ""word"" and more"\n'
    options = ("--output", result, "--resume")
    line = encode(head + "3,a,b\n4,c\n", *options, input=source).fail_in_one_line(1)
    assert "line 4: 3 fields" in line
    assert json.loads((tmp_path / "vectors.jsonl.progress").read_text())["rows"] == 2
    encode(head + "3,a\n4,c\n", *options, input=source).succeed()
    ids = [json.loads(line)["id"] for line in result.read_text().splitlines()]
    assert ids == ["1", "2", "3", "4"]


def test_is_skipped_and_listed_with_the_bad_lines(encode, tmp_path):
    text = lines(1_500, 701, 702, 1_500).splitlines(keepends=True)
    text[9] = "broken\n"
    text[999] = '{"id": 1}\n'
    outcome = encode("".join(text), "--skip-bad-lines").succeed()
    assert outcome.stderr.splitlines() == [
        f"scimult: {tmp_path}/papers.jsonl: 5 bad lines skipped: 10, 701, 702, 1000, 1500"
    ]
    skipped = {10, 701, 702, 1_000, 1_500}
    rows = outcome.json_lines()
    assert [row["id"] for row in rows] == [f"d{n}" for n in range(1, 1_501) if n not in skipped]
    assert all(np.isfinite(row["embedding"]).all() for row in rows)


def test_rows_that_a_matrix_lacks_are_listed(encode, tmp_path):
    result = tmp_path / "vectors.npy"
    outcome = encode(
        lines(2) + '{"id": 1}\n' + lines(3, 3), "--skip-bad-lines", "--output", result
    ).succeed()
    assert outcome.stderr.endswith("2 bad lines skipped: 3, 6\n")
    assert np.load(result).shape == (4, 16)


def test_first_twenty_are_listed(encode):
    outcome = encode(lines(60, *range(2, 61, 2)), "--skip-bad-lines").succeed()
    numbers = ", ".join(str(number) for number in range(2, 42, 2))
    assert outcome.stderr.endswith(f"30 bad lines skipped: {numbers}, …\n")


def test_others_are_what_they_are_without_it(encode):
    with_it = encode(lines(100, 50), "--skip-bad-lines").succeed().json_lines()
    without = encode(lines(100)).succeed().json_lines()
    assert with_it == [row for row in without if row["id"] != "d50"]


def test_file_does_not_appear_where_one_fails(encode, tmp_path):
    result = tmp_path / "vectors.npy"
    encode(lines(3, 2), "--output", result).fail_in_one_line(1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["papers.jsonl"]


@pytest.mark.parametrize(("count", "bad"), [(3, 2), (1_500, 701)])
@pytest.mark.parametrize("suffix", ["npy", "jsonl"])
def test_resumable_run_keeps_what_comes_before(encode, tmp_path, count, bad, suffix):
    text = lines(count, bad)
    result = tmp_path / f"vectors.{suffix}"
    for _ in range(3):
        line = encode(text, "--output", result, "--resume").fail_in_one_line(1)
        assert f"line {bad} (id" in line
        journal = json.loads((tmp_path / f"{result.name}.progress").read_text())
        assert journal["rows"] == bad - 1
        size = (tmp_path / f"{result.name}.partial").stat().st_size
        assert size == journal["outputBytes"] > 0
    outcome = encode(text, "--output", result, "--resume", "--skip-bad-lines").succeed()
    assert outcome.stderr.endswith(f"1 bad line skipped: {bad}\n")
    whole = tmp_path / f"whole.{suffix}"
    encode(text, "--output", whole, "--skip-bad-lines").succeed()
    assert result.read_bytes() == whole.read_bytes()


def test_skipped_lines_of_all_runs_are_listed(encode, tmp_path):
    source, result = tmp_path / "papers.csv", tmp_path / "vectors.jsonl"
    rows = [f"{number},spores in wind {number}\n" for number in range(2, 1_600)]
    rows[3], rows[5], rows[1_550] = f"5,{BAD}\n", "7,a,b\n", f"1552,{BAD}\n"
    text = "id,text\n" + "".join(rows)
    options = ("--output", result, "--resume", "--skip-bad-lines")
    line = encode(text + '1600,"open\n', *options, input=source).fail_in_one_line(1)
    assert "a quote is not closed" in line
    assert json.loads((tmp_path / "vectors.jsonl.progress").read_text())["rows"] >= 1_022
    outcome = encode(text + '1600,"closed"\n', *options, input=source).succeed()
    assert outcome.stderr.endswith("3 bad lines skipped: 5, 7, 1552\n")
    ids = [json.loads(line)["id"] for line in result.read_text().splitlines()]
    assert ids == [str(number) for number in range(2, 1_601) if number not in (5, 7, 1_552)]


@pytest.fixture
def rank(command, model, tmp_path):
    def run(queries: str, candidates: str, *options: str):
        (tmp_path / "queries.jsonl").write_text(queries)
        (tmp_path / "candidates.jsonl").write_text(candidates)
        return command(
            *("rank", "--model", model, "--task", "search"),
            *("--queries", tmp_path / "queries.jsonl"),
            *("--candidates", tmp_path / "candidates.jsonl", *options),
        )

    return run


def test_queries_and_candidates(rank):
    line = rank(lines(3, 2), lines(3)).fail_in_one_line(1)
    assert 'queries.jsonl: line 2 (id "d2"): could not be encoded' in line
    line = rank(lines(3), lines(3, 3)).fail_in_one_line(1)
    assert 'candidates.jsonl: line 3 (id "d3"): could not be encoded' in line
    outcome = rank(lines(3, 2), lines(4, 1), "--skip-bad-lines").succeed()
    first, second = outcome.stderr.splitlines()
    assert first.endswith("queries.jsonl: 1 bad line skipped: 2")
    assert second.endswith("candidates.jsonl: 1 bad line skipped: 1")
    rows = outcome.json_lines()
    assert [row["query"] for row in rows] == ["d1"] * 3 + ["d3"] * 3
    assert sorted((row["index"], row["id"]) for row in rows[:3]) == [
        (0, "d2"),
        (1, "d3"),
        (2, "d4"),
    ]


def test_query_of_the_command_line(command, model):
    line = command(
        *("rank", "--model", model, "--task", "search", "--query", BAD, "--candidates", "-"),
        stdin=lines(1),
    ).fail_in_one_line(1)
    assert line.startswith("scimult: --query: the text could not be encoded")


@pytest.fixture
def loud(golden_variants, tmp_path) -> Path:
    """A model whose vectors are finite, but whose scores are not."""
    folder = shutil.copytree(golden_variants / "bert-safetensors", tmp_path / "loud")
    file = folder / "model.safetensors"
    content = bytearray(file.read_bytes())
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    (name,) = (n for n in header if n.endswith("layer.0.output.LayerNorm.weight"))
    begin, end = header[name]["data_offsets"]
    assert header[name]["dtype"] == "BF16"
    count = (end - begin) // 2
    content[8 + length + begin : 8 + length + end] = struct.pack("<f", 1e25)[2:] * count
    file.write_bytes(content)
    return folder


def test_scores_are_finite(command, loud):
    run = ("rank", "--model", loud, "--task", "search", "--query", "wind", "--candidates", "-")
    line = command(*run, stdin=lines(2)).fail_in_one_line(1)
    assert 'standard input: line 1 (id "d1"): its score is no finite number' in line
    assert command(*run, "--skip-bad-lines", stdin=lines(2)).succeed().stdout == ""
