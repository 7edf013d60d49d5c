"""`scimult convert`: a model as one file, for every command and on every CPU."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from harness.calls import encode, get_model
from harness.command import json_lines
from scimult._generated import scimult_pb2 as pb

TEXTS = [
    {"title": "Mixture of experts", "abstract": "One expert for each task."},
    {"title": "Ferns", "abstract": None},
    {"text": "cells and genes " * 200},
    {"text": "the same text"},
]

#: 32-bit lanes of each set's vectors. Sets with equal numbers read the same layout.
LANES = {
    "scalar": 4,
    "neon": 4,
    "neondot": 4,
    "i8mm": 4,
    "avx2": 8,
    "avxvnni": 8,
    "avx512vnni": 16,
    "amx": 16,
}


@pytest.fixture(scope="module")
def convert(command, tmp_path_factory):
    """Converts a model folder to a new file."""

    def run(model, precision="int8", **environment):
        result = tmp_path_factory.mktemp("converted") / f"{precision}.scimult"
        words = ["convert", model, "-o", result, "--precision", precision]
        outcome = command(*words, environment=environment).succeed()
        assert (outcome.stdout, outcome.stderr) == ("", "")
        return result

    return run


@pytest.fixture(scope="module")
def converted(convert, tiny_expert):
    """The tiny expert in int8."""
    return convert(tiny_expert)


@pytest.fixture(scope="module")
def kernel_sets(command, tiny_expert):
    """The sets of kernels for this CPU."""
    refusal = command("tokenize", "--model", tiny_expert, environment={"SCIMULT_ISA": "none"})
    return refusal.fail(2).splitlines()[0].split("available are ")[1].split(", ")


def embed(command, model, *further, **environment):
    return command(
        *("encode", "--model", model, "--task", "search", *further),
        stdin=json_lines(TEXTS),
        environment=environment,
    ).succeed()


def served(channel):
    """Returns a server's answers for the texts, as bytes."""
    documents = [
        pb.Document(text=row["text"])
        if "text" in row
        else pb.Document(paper=pb.Paper(title=row["title"], abstract=row["abstract"] or ""))
        for row in TEXTS
    ]
    request = pb.EncodeRequest(task=pb.TASK_SEARCH, documents=documents)
    return encode(channel, request).SerializeToString()


def test_help(command):
    shown = command("convert", "--help").succeed().stdout
    for word in ("Examples:", "scimult convert", "--output", "--precision", "mapped"):
        assert word in shown


def test_output_is_needed(command, tiny_expert):
    assert "--output" in command("convert", tiny_expert).fail(2)


def test_standard_output_is_refused(command, tiny_expert):
    assert "must be a file" in command("convert", tiny_expert, "-o", "-").fail(2)


@pytest.mark.parametrize("precision", ["int7", ""])
def test_unknown_precision(command, tiny_expert, tmp_path, precision):
    result = tmp_path / "model.scimult"
    words = ["convert", tiny_expert, "-o", result, f"--precision={precision}"]
    assert "--precision" in command(*words).fail(2)
    assert list(tmp_path.iterdir()) == []


def test_int8_is_the_default(command, tiny_expert, tmp_path):
    for name, words in [("default", []), ("auto", ["--precision", "auto"])]:
        result = tmp_path / name
        command("convert", tiny_expert, "--output", result, *words).succeed()
        description = json.loads(command("inspect", result, "--json").succeed().stdout)
        assert "int8" in description["weights_format"]


def test_existing_file_is_replaced_whole(command, tiny_expert, tmp_path):
    result, link = tmp_path / "model.scimult", tmp_path / "link"
    result.write_bytes(b"old" * 10_000_000)
    link.symlink_to(result)
    command("convert", tiny_expert, "-o", link).succeed()
    assert result.stat().st_size < 30_000_000
    assert link.is_symlink()
    assert sorted(tmp_path.iterdir()) == [link, result]
    command("inspect", result).succeed()


@pytest.mark.parametrize("place", ["absent/model.scimult", ".", "file/model.scimult"])
def test_place_that_cannot_be_written(command, tiny_expert, tmp_path, place):
    (tmp_path / "file").touch()
    line = command("convert", tiny_expert, "-o", tmp_path / place).fail_in_one_line(1)
    assert str(tmp_path) in line
    assert "cannot be written" in line
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_full_disk(command, tiny_expert):
    line = command("convert", tiny_expert, "-o", "/dev/full").fail_in_one_line(1)
    assert "cannot be written" in line


def test_model_that_cannot_be_served_leaves_the_old_file(command, tiny_expert, tmp_path):
    model = shutil.copytree(tiny_expert, tmp_path / "model")
    (model / "vocab.txt").unlink()
    result = tmp_path / "model.scimult"
    result.write_text("old")
    assert "vocab" in command("convert", model, "-o", result).fail_in_one_line(1)
    assert result.read_text() == "old"
    assert sorted(tmp_path.iterdir()) == [model, result]


def test_converting_again(command, converted, tmp_path):
    copy = tmp_path / "model.scimult"
    command("convert", converted, "-o", copy).succeed()
    assert embed(command, copy).stdout == embed(command, converted).stdout


def test_every_conversion_gives_the_same_file(convert, golden_variants):
    for variant in ("instruction", "mod2-attention-feed-forward"):
        files = {convert(golden_variants / variant).read_bytes() for _ in range(3)}
        assert len(files) == 1


@pytest.mark.parametrize("precision", ["int8", "fp32", "bf16"])
def test_encode_gives_the_same_bytes(command, convert, tiny_expert, tmp_path, precision):
    words = ["encode", "--model", tiny_expert, "--task", "search", "--precision", precision]
    if command(*words).code == 2:
        pytest.skip("the CPU has no such instructions")
    file = convert(tiny_expert, precision)
    expected = embed(command, tiny_expert, "--precision", precision).stdout
    for further in ([], ["--precision", precision], ["--precision", "auto"]):
        outcome = embed(command, file, *further)
        assert (outcome.stdout, outcome.stderr) == (expected, "")
    arrays = [tmp_path / "folder.npy", tmp_path / "file.npy"]
    embed(command, tiny_expert, "--precision", precision, "--output", arrays[0])
    embed(command, file, "--output", arrays[1])
    assert arrays[0].read_bytes() == arrays[1].read_bytes()


def test_rank_and_tokenize_give_the_same_bytes(command, converted, tiny_expert):
    def outputs(model):
        candidates = json_lines(TEXTS)
        rank = ["rank", "--model", model, "--task", "search", "--query", "q", "--candidates", "-"]
        yield command(*rank, stdin=candidates).succeed().stdout
        yield command("tokenize", "--model", model, stdin=candidates).succeed().stdout

    assert list(outputs(converted)) == list(outputs(tiny_expert))


def test_inspect_tells_the_same_but_for_the_weights_file(command, convert, golden_variants):
    for variant in ("instruction", "separate-encoders", "mod2-attention-feed-forward", "cased"):
        model = golden_variants / variant
        file = convert(model)
        of_folder, of_file = (
            json.loads(command("inspect", path, "--json").succeed().stdout)
            for path in (model, file)
        )
        assert of_file["weights_file"] == str(file)
        assert of_file["weights_bytes"] == file.stat().st_size
        assert "converted" in of_file["weights_format"]
        for description in (of_folder, of_file):
            for key in ("weights_file", "weights_bytes", "weights_format", "unused"):
                del description[key]
        assert of_file == of_folder


def test_bench(command, converted):
    words = ["bench", "--model", converted, "--seconds", "0.05", "--json"]
    report = json.loads(command(*words).succeed().stdout)
    assert (report["model"], report["precision"]) == ("tiny-expert", "int8")


def test_serve_answers_as_with_the_folder(start_server, converted, tiny_expert):
    answers = []
    for model in (tiny_expert, converted):
        with start_server("--precision", "auto", model=model, admin="off").channel() as channel:
            answers.append((served(channel), get_model(channel)))
    assert answers[0] == answers[1]
    assert answers[1][1].name == "tiny-expert"


def test_two_servers_share_a_file_that_is_replaced(
    command, convert, start_server, tiny_expert, tmp_path
):
    file = shutil.copy(convert(tiny_expert), tmp_path / "model.scimult")
    other = convert(tiny_expert, "fp32")
    servers = [start_server("--cache-bytes", "0", model=file, admin="off") for _ in range(2)]
    channels = [server.channel() for server in servers]
    before = [served(channel) for channel in channels]
    assert before[0] == before[1]

    shutil.copy(other, tmp_path / "other").replace(file)
    assert [served(channel) for channel in channels] == before
    with start_server(model=file, admin="off").channel() as channel:
        assert get_model(channel).precision == "fp32"
        assert served(channel) != before[0]

    command("convert", tiny_expert, "-o", file).succeed()
    assert [served(channel) for channel in channels] == before
    file.unlink()
    assert [served(channel) for channel in channels] == before
    for channel in channels:
        channel.close()


@pytest.mark.parametrize("precision", ["int8", "fp32"])
def test_file_of_another_set_is_packed_again_with_a_notice(
    command, convert, tiny_expert, kernel_sets, precision
):
    for made_for in kernel_sets:
        file = convert(tiny_expert, precision, SCIMULT_ISA=made_for)
        for used in kernel_sets:
            outcome = embed(command, file, SCIMULT_ISA=used)
            folder = embed(command, tiny_expert, "--precision", precision, SCIMULT_ISA=used)
            assert outcome.stdout == folder.stdout, f"made for {made_for}, read by {used}"
            if LANES[made_for] == LANES[used]:
                assert outcome.stderr == ""
            else:
                (line,) = outcome.stderr.splitlines()
                for word in (str(file), f"for {made_for}", f"again for {used}", "convert"):
                    assert word in line


def test_server_logs_that_a_file_is_packed_again(start_server, convert, tiny_expert, kernel_sets):
    file = convert(tiny_expert, SCIMULT_ISA="scalar")
    used = kernel_sets[-1]
    server = start_server(model=file, admin="off")
    with server.channel() as channel:
        served(channel)
    assert ("was packed again" in server.stderr) == (LANES[used] != LANES["scalar"])
    assert f"kernels={used}" in server.stderr


def test_bf16_where_the_kernels_have_none(command, convert, tiny_expert):
    words = ["encode", "--model", tiny_expert, "--task", "search", "--precision", "bf16"]
    if command(*words).code == 2:
        pytest.skip("the CPU has no such instructions")
    file = convert(tiny_expert, "bf16")
    environment = {"SCIMULT_ISA": "scalar"}
    for words in (
        ["inspect", file],
        ["encode", "--model", file, "--task", "search"],
        ["serve", "--model", file],
        ["convert", file, "-o", file],
    ):
        line = command(*words, environment=environment).fail_in_one_line(1)
        assert str(file) in line
        assert "bf16" in line


def test_another_precision_is_refused(command, converted, tmp_path):
    for words in (
        ["encode", "--model", converted, "--task", "search"],
        ["serve", "--model", converted],
        ["convert", converted, "-o", tmp_path / "model.scimult"],
    ):
        line = command(*words, "--precision", "fp32").fail_in_one_line(1)
        assert str(converted) in line
        assert "holds int8 weights" in line


def refusal(command, file: Path) -> str:
    """Checks that all commands refuse the file, and returns the message."""
    line = command("inspect", file).fail_in_one_line(1)
    assert str(file) in line
    for words in (
        ["encode", "--model", file, "--task", "search"],
        ["tokenize", "--model", file],
        ["bench", "--model", file],
        ["serve", "--model", file],
        ["convert", file, "-o", file.with_name("result")],
    ):
        assert command(*words).fail_in_one_line(1) == line
    assert not file.with_name("result").exists()
    return line


@pytest.mark.parametrize("kept", [0, 7, 8, 64, 100, 1_000_000, -1, -64, -65, -4096])
def test_truncated_file(command, converted, tmp_path, kept):
    file = tmp_path / "model.scimult"
    file.write_bytes(converted.read_bytes()[:kept])
    line = refusal(command, file)
    if kept not in (0, 7):
        assert "truncated" in line


@pytest.mark.parametrize("place", [0, 70, 5_000, 1_000_000, -200, -64, -56, -48, -40])
def test_corrupt_file(command, converted, tmp_path, place):
    file = tmp_path / "model.scimult"
    content = bytearray(converted.read_bytes())
    content[place] ^= 0x10
    file.write_bytes(content)
    refusal(command, file)


def test_file_of_another_version(command, converted, tmp_path):
    file = tmp_path / "model.scimult"
    content = bytearray(converted.read_bytes())
    content[-56:-52] = (2).to_bytes(4, "little")
    file.write_bytes(content)
    assert "version 2" in refusal(command, file)
