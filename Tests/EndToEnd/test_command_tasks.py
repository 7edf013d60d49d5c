"""Commands on a model with experts: its description, and its tasks, including a fourth one."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from harness.calls import get_model
from harness.command import json_lines
from harness.golden import VALUE_ERROR_MAX, embeddings, golden_rows

ROUTES = [
    ("classification", "query", "[CLF]"),
    ("classification", "candidate", "[CLF]"),
    ("link_prediction", "query", "[PRX]"),
    ("link_prediction", "candidate", "[PRX]"),
    ("search", "query", "[QRY]"),
    ("search", "candidate", "[PRX]"),
    ("regression", "query", "[RGN]"),
    ("regression", "candidate", "[RGN]"),
]


def report(command, model) -> dict:
    return json.loads(command("inspect", model, "--json").succeed().stdout)


class TestInspect:
    def test_text(self, command, specter2):
        outcome = command("inspect", specter2).succeed()
        assert outcome.stderr == ""
        rows = {}
        for line in outcome.stdout.splitlines():
            name, _, value = line.partition("  ")
            rows[name] = value.strip()
        for task, role, expert in ROUTES:
            assert rows[f"{task} {role}"] == f"expert {expert}"
        assert rows["tasks"] == "classification, link_prediction, search, regression"
        assert rows["architecture"] == "expert"
        assert rows["experts"].startswith("4, each with its own bottleneck in layers 0, 1")
        assert rows["fingerprint"] == report(command, specter2)["fingerprint"]

    def test_json(self, command, specter2):
        told = report(command, specter2)
        assert [(each["task"], each["role"], each["expert"]) for each in told["routes"]] == ROUTES
        assert told["tasks"] == ["classification", "link_prediction", "search", "regression"]
        assert (told["experts"], told["encoders"]) == (4, 1)
        assert told["expert_parts"] == ["bottleneck"]
        assert told["expert_layers"] == [0, 1]
        assert len(told["fingerprint"]) == 32

    def test_a_converted_file_tells_the_same(self, command, specter2, tmp_path):
        file = tmp_path / "model.scimult"
        command("convert", specter2, "-o", file).succeed()
        of_folder, of_file = report(command, specter2), report(command, file)
        for told in (of_folder, of_file):
            for key in ("weights_file", "weights_bytes", "weights_format", "unused"):
                del told[key]
        assert of_file == of_folder

    def test_the_server_has_the_same_fingerprint(self, command, specter2, specter2_server):
        with specter2_server.channel() as channel:
            assert get_model(channel).fingerprint == report(command, specter2)["fingerprint"]

    def test_a_copy_has_the_same_fingerprint(self, command, specter2, tmp_path):
        copy = shutil.copytree(specter2, tmp_path / "another name")
        assert report(command, copy)["fingerprint"] == report(command, specter2)["fingerprint"]

    @pytest.mark.parametrize(
        ("settings", "experts"),
        [
            ({"experts": {"search": {"query": "adhoc_query", "candidate": "proximity"}}}, 2),
            ({"experts": {"search": {"query": "proximity", "candidate": "adhoc_query"}}}, 2),
            ({"max_tokens": 20}, 4),
        ],
        ids=["fewer tasks", "the other way round", "shorter"],
    )
    def test_another_choice_has_another_fingerprint(
        self, command, specter2, tmp_path, settings, experts
    ):
        copy = shutil.copytree(specter2, tmp_path / "model")
        (copy / "scimult.json").write_text(json.dumps(settings))
        told = report(command, copy)
        assert told["fingerprint"] != report(command, specter2)["fingerprint"]
        assert len({route["expert"] for route in told["routes"]}) == experts

    def test_adapters_without_a_task_are_named(self, command, specter2, tmp_path):
        copy = shutil.copytree(specter2, tmp_path / "model")
        settings = {"experts": {"search": "proximity"}}
        (copy / "scimult.json").write_text(json.dumps(settings))
        assert len(report(command, copy)["unused"]["adapters"]) == 3
        assert "unused adapters" in command("inspect", copy).succeed().stdout

    def test_a_choice_for_no_task_is_none(self, command, specter2, tmp_path):
        copy = shutil.copytree(specter2, tmp_path / "model")
        (copy / "scimult.json").write_text('{"experts": {}}')
        assert report(command, copy)["routes"] == report(command, specter2)["routes"]

    def test_encoders_by_role(self, command, golden_variants):
        told = report(command, golden_variants / "encoders-medcpt")
        assert told["encoders"] == 2
        for route in told["routes"]:
            assert (
                route["expert"] == f"{'query' if route['role'] == 'query' else 'article'}-encoder"
            )
        shown = command("inspect", golden_variants / "encoders-medcpt").succeed().stdout
        assert "2 encoders" in shown


class TestEncodeAndRank:
    @pytest.mark.parametrize(("task", "role"), [(task, role) for task, role, _ in ROUTES])
    def test_encode(self, command, specter2, task, role):
        rows = golden_rows(specter2)[task, role]
        outcome = command(
            *("encode", "--model", specter2, "--task", task, "--role", role),
            *("--precision", "fp32"),
            stdin=json_lines(row.line for row in rows),
        ).succeed()
        lines = outcome.json_lines()
        got = [line["embedding"] for line in lines]
        np.testing.assert_allclose(got, embeddings(rows), rtol=0, atol=VALUE_ERROR_MAX)
        assert [(line["tokens"], line["truncated"]) for line in lines] == [
            (len(row.input_ids), row.truncated) for row in rows
        ]

    @pytest.mark.parametrize("task", ["search", "regression"])
    def test_rank(self, command, specter2, task):
        rows = golden_rows(specter2)
        texts = [row for row in rows[task, "query"] if "text" in row.line]
        candidates = rows[task, "candidate"]
        scores = embeddings(texts) @ embeddings(candidates).T
        for query, expected in zip(texts, scores, strict=True):
            outcome = command(
                *("rank", "--model", specter2, "--task", task, "--precision", "fp32"),
                *("--query", query.line["text"], "--candidates", "-"),
                stdin=json_lines(row.line for row in candidates),
            ).succeed()
            got = {line["index"]: line["score"] for line in outcome.json_lines()}
            np.testing.assert_allclose(
                [got[index] for index in range(len(candidates))], expected, rtol=0, atol=2e-3
            )

    def test_tokenize(self, command, specter2):
        rows = golden_rows(specter2)["regression", "query"]
        outcome = command(
            *("tokenize", "--model", specter2, "--task", "regression"),
            stdin=json_lines(row.line for row in rows),
        ).succeed()
        assert [line["ids"] for line in outcome.json_lines()] == [row.input_ids for row in rows]

    def test_tokenize_reads_the_control_code_of_the_task(self, command, golden_variants):
        model = golden_variants / "control-codes-chosen"
        for (task, role), rows in golden_rows(model).items():
            outcome = command(
                *("tokenize", "--model", model, "--task", task, "--role", role),
                stdin=json_lines(row.line for row in rows),
            ).succeed()
            ids = [line["ids"] for line in outcome.json_lines()]
            assert ids == [row.input_ids for row in rows], f"{task} {role}"

    def test_tokenize_cuts_by_role(self, command, golden_variants):
        model = golden_variants / "max-tokens-by-role"
        for role, most in (("query", 12), ("candidate", 30)):
            line = json_lines([{"text": "cells " * 60}])
            words = ("tokenize", "--model", model, "--role", role)
            (row,) = command(*words, stdin=line).succeed().json_lines()
            assert (len(row["ids"]), row["truncated"]) == (most, True)

    def test_a_task_with_spaces(self, command, golden_variants):
        model = golden_variants / "bottleneck-different"
        rows = golden_rows(model)["topics of papers", "query"]
        outcome = command(
            *("encode", "--model", model, "--task", "topics of papers", "--precision", "fp32"),
            stdin=json_lines(row.line for row in rows),
        ).succeed()
        got = [line["embedding"] for line in outcome.json_lines()]
        np.testing.assert_allclose(got, embeddings(rows), rtol=0, atol=VALUE_ERROR_MAX)

    @pytest.mark.parametrize("name", ["encode", "rank", "tokenize"])
    @pytest.mark.parametrize("task", ["topics", "Regression"])
    def test_a_task_that_no_model_has_is_wrong_use(self, command, specter2, name, task):
        further = ("--query", "q", "--candidates", "-") if name == "rank" else ()
        words = (name, "--model", specter2, "--task", task, *further)
        first = command(*words, stdin='{"text": "cells"}\n').fail(2).splitlines()[0]
        assert f"does not serve the task {task}" in first
        assert "classification, link_prediction, search, regression" in first

    @pytest.mark.parametrize("name", ["encode", "rank", "tokenize"])
    def test_a_task_of_the_contract_that_is_not_served(self, command, specter2, tmp_path, name):
        model = shutil.copytree(specter2, tmp_path / "model")
        settings = {"experts": {"regression": "regression"}}
        (model / "scimult.json").write_text(json.dumps(settings))
        further = ("--query", "q", "--candidates", "-") if name == "rank" else ()
        words = (name, "--model", model, "--task", "search", *further)
        line = command(*words, stdin='{"text": "cells"}\n').fail_in_one_line(1)
        assert "does not serve the task search; it serves regression" in line

    @pytest.mark.parametrize("name", ["encode", "rank", "tokenize"])
    @pytest.mark.parametrize("task", ["", "n" * 65, "a\tb"], ids=["empty", "long", "a tab"])
    def test_what_can_be_no_task_s_name(self, command, specter2, name, task):
        further = ("--query", "q", "--candidates", "-") if name == "rank" else ()
        words = (name, "--model", specter2, "--task", task, *further)
        assert "--task" in command(*words).fail(2).splitlines()[0]


class TestBench:
    BRIEF = ("--seconds", "0.05", "--mixed")

    @pytest.mark.parametrize("precision", ["int8", "fp32"])
    @pytest.mark.parametrize("variant", ["specter2", "lora-several", "encoders-medcpt"])
    def test_mixed(self, command, golden_variants, variant, precision):
        words = ("bench", "--model", golden_variants / variant, "--precision", precision)
        told = json.loads(command(*words, *self.BRIEF, "--json").succeed().stdout)
        workloads = {each["name"]: each for each in told["workloads"]}
        assert workloads.keys() == {"docs", "queries", "one_query", "one_doc"}
        for each in workloads.values():
            assert each["median_s"] > 0
            if precision == "int8":
                assert ("bottleneck" in each["stages_s"]) == (variant == "specter2")

    def test_without_it_sequences_are_of_the_first_task(self, command, specter2):
        words = ("bench", "--model", specter2, "--seconds", "0.05", "--json")
        told = json.loads(command(*words).succeed().stdout)
        assert all("bottleneck" in each["stages_s"] for each in told["workloads"])

    def test_text_and_help(self, command, specter2):
        assert "docs" in command("bench", "--model", specter2, *self.BRIEF).succeed().stdout
        assert "--mixed" in command("bench", "--help").succeed().stdout
