"""`scimult convert`: experts from a folder, or named one by one, converted into one file."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from harness.calls import encode, get_model
from harness.golden import Rows, assert_golden, encode_request, golden_rows
from scimult._generated import scimult_pb2 as pb

#: The default uses of SPECTER2's adapters, given explicitly.
CHOICE = {
    "search:query": "adhoc_query",
    "search:candidate": "proximity",
    "link_prediction": "proximity",
    "classification": "classification",
    "regression": "regression",
}


def options(folder: Path, choice: dict[str, str] = CHOICE) -> list[str]:
    """Returns the command-line options for experts in a folder."""
    return [
        word
        for task, name in choice.items()
        for word in ("--expert", f"{task}={folder / name if name else ''}")
    ]


@pytest.fixture(scope="module")
def rows(specter2) -> Rows:
    return golden_rows(specter2)


@pytest.fixture
def base(specter2, tmp_path) -> Path:
    """The encoder without adapters, as it is published."""
    return shutil.copytree(
        specter2, tmp_path / "base", ignore=shutil.ignore_patterns("adapters", "expected.jsonl")
    )


def inspect(command, model: Path) -> dict:
    return json.loads(command("inspect", model, "--json").succeed().stdout)


def assert_served(start_server, model: Path, rows: Rows) -> pb.Model:
    """Checks a server's vectors against the golden ones; returns its model description."""
    server = start_server("--precision", "fp32", model=model, admin="off")
    with server.channel() as channel:
        for (task, role), wanted in rows.items():
            response = encode(channel, encode_request(task, role, wanted))
            assert_golden(response, wanted, f"{task} {role}")
        told = get_model(channel)
    server.stop()
    return told


def convert(command, model: Path, output: Path, *further, precision: str = "fp32") -> Path:
    words = ["convert", model, "-o", output, "--precision", precision, *further]
    outcome = command(*words).succeed()
    assert (outcome.stdout, outcome.stderr) == ("", "")
    return output


# Serving a converted file

FOLDERS = ["specter2", "specter2-published", "specter2-saved-whole", "bottleneck-different"]
FOLDERS += ["lora-several", "lora-and-bottleneck", "lora-decomposed", "encoders-medcpt"]
FOLDERS += ["control-codes", "control-codes-chosen", "max-tokens-by-role"]


@pytest.mark.parametrize("variant", FOLDERS)
def test_a_folder_s_file_serves_the_same(command, start_server, golden_variants, tmp_path, variant):
    folder = golden_variants / variant
    file = convert(command, folder, tmp_path / "model.scimult")
    rows = golden_rows(folder)
    assert assert_served(start_server, file, rows) == assert_served(start_server, folder, rows)


@pytest.mark.parametrize("precision", ["int8", "fp32"])
def test_experts_named_one_by_one_give_the_folder_s_bytes(
    command, start_server, specter2, base, rows, tmp_path, precision
):
    """The same vectors to the last bit, and the same fingerprint; also from the plain base."""
    words = options(specter2 / "adapters")
    files = [
        convert(command, specter2, tmp_path / "whole", precision=precision),
        convert(command, specter2, tmp_path / "named", *words, precision=precision),
        convert(command, base, tmp_path / "based", *words, precision=precision),
    ]
    assert len({inspect(command, model)["fingerprint"] for model in [specter2, *files]}) == 1
    answers = []
    for file in files:
        with start_server(model=file, admin="off").channel() as channel:
            asked = [encode_request(task, role, some) for (task, role), some in rows.items()]
            answers.append([list(encode(channel, each).embeddings) for each in asked])
    assert answers[0] == answers[1] == answers[2]
    if precision == "fp32":
        assert_served(start_server, files[2], rows)


def test_the_file_needs_no_folder(command, start_server, base, specter2, rows, tmp_path):
    adapters = shutil.copytree(specter2 / "adapters", tmp_path / "adapters")
    file = convert(command, base, tmp_path / "model.scimult", *options(adapters))
    shutil.rmtree(base)
    shutil.rmtree(adapters)
    assert_served(start_server, file, rows)


def test_named_tasks_take_the_place_of_the_folder_s_own(
    command, start_server, specter2, rows, tmp_path
):
    choice = {"reviewers": "proximity", "search:candidate": "", "search:query": "adhoc_query"}
    words = options(specter2 / "adapters", choice)
    file = convert(command, specter2, tmp_path / "model.scimult", *words)
    model = assert_served(start_server, file, {("search", "query"): rows["search", "query"]})
    assert list(model.task_names) == ["search", "reviewers"]
    assert list(model.tasks) == [pb.TASK_SEARCH]
    told = [(each.task, each.role, each.name) for each in model.experts]
    assert told == [
        ("search", pb.ROLE_QUERY, "adhoc_query"),
        ("search", pb.ROLE_CANDIDATE, "base"),
        ("reviewers", pb.ROLE_QUERY, "proximity"),
        ("reviewers", pb.ROLE_CANDIDATE, "proximity"),
    ]


def test_an_empty_path_is_the_encoder_as_it_is(
    command, start_server, golden_variants, specter2, base, tmp_path
):
    """The same vectors as the plain base, for all tasks."""
    file = convert(command, specter2, tmp_path / "model.scimult", "--expert", "search=")
    text = [pb.Document(text="cells and genes")]
    request = pb.EncodeRequest(task=pb.TASK_SEARCH, documents=text)
    answers = []
    for model in (file, base):
        server = start_server("--precision", "fp32", model=model, admin="off")
        with server.channel() as channel:
            answers.append(list(encode(channel, request).embeddings))
    assert answers[0] == answers[1]


def test_the_last_of_two_for_one_task_counts(command, specter2, tmp_path):
    adapters = specter2 / "adapters"
    words = options(adapters, {"search": "regression", "search:query": "adhoc_query"})
    words += ["--expert", f"search:candidate={adapters / 'proximity'}"]
    file = convert(command, specter2, tmp_path / "model.scimult", *words)
    experts = [route["expert"] for route in inspect(command, file)["routes"]]
    assert experts == ["adhoc_query", "proximity"]


def test_a_hyphen_for_the_underscore(command, specter2, tmp_path):
    words = options(specter2 / "adapters", {"link-prediction": "proximity"})
    file = convert(command, specter2, tmp_path / "model.scimult", *words)
    assert inspect(command, file)["tasks"] == ["link_prediction"]


def test_whole_encoders_by_role(command, start_server, golden_variants, tmp_path):
    """MedCPT's two encoders, combined by hand, with other settings in the folder's scimult.json."""
    medcpt = golden_variants / "encoders-medcpt"
    folder = shutil.copytree(medcpt, tmp_path / "model")
    words = [
        word
        for task in ("search", "link_prediction", "classification")
        for role, name in (("query", "query-encoder"), ("candidate", "article-encoder"))
        for word in ("--expert", f"{task}:{role}={folder / name}")
    ]
    file = convert(command, folder, tmp_path / "model.scimult", *words)
    assert_served(start_server, file, golden_rows(medcpt))
    assert inspect(command, file)["fingerprint"] == inspect(command, medcpt)["fingerprint"]


def test_low_rank_adapters_one_by_one(command, start_server, golden_variants, tmp_path):
    folder = golden_variants / "lora-several"
    choice = {
        "search:query": "ask",
        "search:candidate": "find",
        "link_prediction": "link",
        "classification:query": "",
        "classification:candidate": "link",
        "regression": "find",
    }
    words = options(folder / "adapters", choice)
    file = convert(command, folder, tmp_path / "model.scimult", *words)
    assert_served(start_server, file, golden_rows(folder))
    assert inspect(command, file)["fingerprint"] == inspect(command, folder)["fingerprint"]


# Refusals


def adapters_of(tmp_path: Path, specter2: Path) -> Path:
    """A writable folder of adapters."""
    return shutil.copytree(specter2 / "adapters", tmp_path / "adapters")


@pytest.mark.parametrize("missing", ["query", "candidate"])
def test_a_missing_role(command, specter2, tmp_path, missing):
    other = {"query": "candidate", "candidate": "query"}[missing]
    words = options(specter2 / "adapters", {f"search:{other}": "proximity"})
    line = command("convert", specter2, "-o", tmp_path / "m", *words).fail_in_one_line(1)
    for word in (
        str(specter2),
        "search",
        f"no expert for {missing}",
        f"--expert search:{missing}=",
    ):
        assert word in line
    assert list(tmp_path.iterdir()) == []


BAD_PATHS = {
    "absent": ["adapters/absent", "does not exist"],
    "no adapter": ["empty", "config.json"],
    "a file": ["adapters/proximity/adapter_config.json", "adapter_config.json"],
    "of another width": ["other-width", "hidden_size"],
    "without weights": ["without-weights", "weights"],
}


@pytest.mark.parametrize("case", BAD_PATHS)
def test_a_path_that_is_no_expert(command, specter2, golden_variants, tmp_path, case):
    adapters_of(tmp_path, specter2)
    (tmp_path / "empty").mkdir()
    shutil.copytree(golden_variants / "bottleneck-houlsby/adapters/study", tmp_path / "other-width")
    shutil.copytree(specter2 / "adapters/proximity", tmp_path / "without-weights")
    (tmp_path / "without-weights/pytorch_adapter.bin").unlink()
    place, word = BAD_PATHS[case]
    output = tmp_path / "model.scimult"
    words = ["--expert", f"search={tmp_path / place}"]
    line = command("convert", specter2, "-o", output, *words).fail_in_one_line(1)
    assert str(tmp_path / place) in line
    assert word in line
    assert not output.exists()


@pytest.mark.parametrize(
    "value",
    ["search:asker=PATH", "search:=PATH", "search", "=PATH", ":query=PATH", "a:query:b=PATH", ""],
)
def test_a_value_that_names_no_task_and_role(command, specter2, tmp_path, value):
    value = value.replace("PATH", str(specter2 / "adapters/proximity"))
    words = ["convert", specter2, "-o", tmp_path / "m", f"--expert={value}"]
    first = command(*words).fail(2).splitlines()[0]
    assert "--expert" in first
    assert list(tmp_path.iterdir()) == []


def test_names_that_can_be_no_tasks(command, specter2, tmp_path):
    adapter = specter2 / "adapters/proximity"
    for name in ("n" * 65, "a\tb"):
        words = ["convert", specter2, "-o", tmp_path / "m", "--expert", f"{name}={adapter}"]
        assert "--expert" in command(*words).fail(2)


def test_a_converted_file_takes_no_experts(command, specter2, tmp_path):
    file = convert(command, specter2, tmp_path / "one.scimult")
    words = options(specter2 / "adapters")
    line = command("convert", file, "-o", tmp_path / "two.scimult", *words).fail_in_one_line(1)
    assert str(file) in line
    assert "converted" in line


def test_a_checkpoint_with_experts_of_its_own_takes_no_others(
    command, tiny_expert, specter2, tmp_path
):
    words = options(specter2 / "adapters", {"search": "proximity"})
    line = command("convert", tiny_expert, "-o", tmp_path / "m", *words).fail_in_one_line(1)
    assert "--expert" in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["pytorch_adapter.bin", "adapter_config.json"])
def test_an_expert_s_file_is_not_replaced(command, specter2, tmp_path, place):
    adapter = adapters_of(tmp_path, specter2) / "proximity"
    before = (adapter / place).read_bytes()
    link = tmp_path / "link"
    link.symlink_to(adapter / place)
    for output in (adapter / place, link):
        words = ["convert", specter2, "-o", output, "--expert", f"search={adapter}"]
        line = command(*words).fail_in_one_line(1)
        assert str(output) in line
        assert "is a file of the model" in line
        assert (adapter / place).read_bytes() == before


def test_a_file_does_not_come_to_lie_in_an_expert_s_folder(command, specter2, tmp_path):
    adapter = adapters_of(tmp_path, specter2) / "proximity"
    before = sorted(adapter.iterdir())
    output = adapter / "model.bin"
    words = ["convert", specter2, "-o", output, "--expert", f"search={adapter}"]
    assert str(output) in command(*words).fail_in_one_line(1)
    assert sorted(adapter.iterdir()) == before


def test_an_expert_within_the_model_s_folder_is_kept_as_well(command, specter2, tmp_path):
    model = shutil.copytree(specter2, tmp_path / "model")
    adapter = model / "adapters/proximity"
    words = ["--expert", f"search={adapter}"]
    line = command("convert", model, "-o", adapter / "new.bin", *words).fail_in_one_line(1)
    assert "would be a file of the model" in line
    assert not (adapter / "new.bin").exists()
    convert(command, model, adapter / "new.scimult", *words)
    assert inspect(command, model)["fingerprint"] == inspect(command, specter2)["fingerprint"]


def test_a_failure_leaves_the_old_file(command, specter2, tmp_path):
    result = tmp_path / "model.scimult"
    result.write_text("old")
    words = ["--expert", f"search={tmp_path / 'absent'}"]
    command("convert", specter2, "-o", result, *words).fail_in_one_line(1)
    assert result.read_text() == "old"
    assert list(tmp_path.iterdir()) == [result]


def test_help(command):
    shown = command("convert", "--help").succeed().stdout
    for word in ("--expert <TASK[:ROLE]=PATH>", "search:query=", "peft", "as it is"):
        assert word in " ".join(shown.split())
