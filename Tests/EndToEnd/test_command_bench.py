"""`scimult bench`: the engine's own speed."""

from __future__ import annotations

import json

import pytest

BRIEF = ("--seconds", "0.05")


def test_standard_workloads(command, tiny_expert):
    outcome = command("bench", "--model", tiny_expert, *BRIEF).succeed()
    for word in (
        "docs",
        "queries",
        "one_query",
        "one_doc",
        "tokens/s",
        "median ms",
        "int8",
        "% of peak",
        "attention",
    ):
        assert word in outcome.stdout
    assert outcome.stderr == ""


@pytest.mark.parametrize("threads", ["1", "2"])
def test_own_workloads_as_json(command, tiny_expert, tmp_path, threads):
    workloads = {"pair": [[101, 7592, 102], [101, 102]], "alone": [[101] + [2054] * 510 + [102]]}
    file = tmp_path / "workloads.json"
    file.write_text(json.dumps(workloads))
    outcome = command(
        *("bench", "--model", tiny_expert, "--sequences", file, "--threads", threads, "--json"),
        *BRIEF,
    ).succeed()
    report = json.loads(outcome.stdout)
    assert report["threads"] == int(threads)
    assert report["peak_macs_per_s"] > 1e6
    assert 1 < report["peak_macs_per_cycle"] < 2_000
    results = {result["name"]: result for result in report["workloads"]}
    assert results.keys() == workloads.keys()
    for name, sequences in workloads.items():
        result = results[name]
        tokens = sum(map(len, sequences))
        assert (result["sequences"], result["tokens"]) == (len(sequences), tokens)
        assert result["passes"] >= 3
        assert 0 < result["p10_s"] <= result["median_s"] <= result["p90_s"]
        assert result["tokens_per_s"] == pytest.approx(tokens / result["median_s"])
        assert result["macs_per_s"] > 0
        assert set(result["stages_s"]) >= {"attention", "linear", "layer_norm"}
        assert result["sequences_per_s"] == pytest.approx(len(sequences) / result["median_s"])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", ["expected"]),
        ('{"a": 1}', ["expected"]),
        ("{}", ["no workloads", "expected"]),
        ('{"a": []}', ["a", "no sequences"]),
        ('{"a": [[101], []]}', ["a[1]", "0 tokens"]),
        (json.dumps({"a": [[101] * 513]}), ["a[0]", "513", "512"]),
        ('{"a": [[101, 30522]]}', ["a[0]", "30522"]),
        ('{"a": [[-1]]}', ["a[0]", "-1"]),
    ],
)
def test_bad_workloads(command, tiny_expert, tmp_path, content, words):
    file = tmp_path / "workloads.json"
    file.write_text(content)
    line = command("bench", "--model", tiny_expert, "--sequences", file).fail_in_one_line()
    for word in [str(file), *words]:
        assert word in line


def test_missing_workloads(command, tiny_expert, tmp_path):
    line = command("bench", "--model", tiny_expert, "--sequences", tmp_path / "none.json")
    assert "none.json" in line.fail_in_one_line()


@pytest.mark.parametrize("seconds", ["0", "-1", "4000"])
def test_seconds_out_of_range(command, tiny_expert, seconds):
    assert "--seconds" in command("bench", "--model", tiny_expert, f"--seconds={seconds}").fail(2)
