"""A command's output never replaces what the command reads: its input, or the model's files."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from harness.command import json_lines

TEXTS = json_lines({"id": number, "text": f"cells of kind {number}"} for number in range(5))


@pytest.fixture
def model(tiny_expert, tmp_path) -> Path:
    return shutil.copytree(tiny_expert, tmp_path / "model")


@pytest.fixture
def source(tmp_path) -> Path:
    path = tmp_path / "papers.jsonl"
    path.write_text(TEXTS)
    return path


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def spellings(file: Path) -> list[Path]:
    """Returns paths of a file: its own, one through its folder, links to it and to its folder."""
    folder = file.parent.parent / "links"
    folder.mkdir()
    (folder / "soft.jsonl").symlink_to(file)
    (folder / "twice.jsonl").symlink_to("soft.jsonl")
    (folder / "hard.jsonl").hardlink_to(file)
    (folder / "folder").symlink_to(file.parent)
    return [
        file,
        file.parent / ".." / file.parent.name / file.name,
        folder / "soft.jsonl",
        folder / "twice.jsonl",
        folder / "hard.jsonl",
        folder / "folder" / file.name,
    ]


@pytest.mark.parametrize("name", ["scimult.ckpt", "config.json", "vocab.txt", "expected.jsonl"])
def test_convert_replaces_no_file_of_the_model(command, model, tmp_path, name):
    names = spellings(model / name)
    before = contents(tmp_path)
    for output in names:
        line = command("convert", model, "-o", output).fail_in_one_line(1)
        assert line.startswith(f"scimult: {output}: is a file of the model")
    assert contents(tmp_path) == before


def test_files_of_folders_inside_of_the_model(command, golden_variants, tmp_path):
    model = shutil.copytree(golden_variants / "sentence-transformers-mean", tmp_path / "model")
    (file,) = model.rglob("1_Pooling/config.json")
    before = contents(tmp_path)
    assert "is a file of the model" in command("convert", model, "-o", file).fail_in_one_line(1)
    assert contents(tmp_path) == before


def test_files_that_the_folder_links_to(command, tiny_expert, tmp_path):
    blobs = shutil.copytree(tiny_expert, tmp_path / "blobs")
    snapshot = tmp_path / "snapshot"
    snapshot.mkdir()
    for file in blobs.iterdir():
        (snapshot / file.name).symlink_to(file)
    before = contents(tmp_path)
    for folder in (blobs, snapshot):
        line = command("convert", snapshot, "-o", folder / "vocab.txt").fail_in_one_line(1)
        assert "is a file of the model" in line
    assert contents(tmp_path) == before


def test_new_files_that_would_be_read_as_a_part_of_the_model(command, model):
    before = contents(model)
    for name in ("other.ckpt", "modules.json", "model.safetensors"):
        line = command("convert", model, "-o", model / name).fail_in_one_line(1)
        assert "would be a file of the model" in line
    assert contents(model) == before


def test_results_may_lie_in_the_model_folder(command, model, source):
    for _ in range(2):
        command("convert", model, "-o", model / "converted.scimult").succeed()
        command(
            *("encode", "--model", model, "--task", "search"),
            *("--input", source, "--output", model / "papers.npy"),
        ).succeed()
    command("inspect", model).succeed()


def test_converted_file_onto_itself(command, model, tmp_path):
    converted = tmp_path / "model.scimult"
    command("convert", model, "-o", converted).succeed()
    before = converted.read_bytes()
    link = tmp_path / "link.scimult"
    link.symlink_to(converted)
    for output in (converted, link):
        line = command("convert", converted, "-o", output).fail_in_one_line(1)
        assert "is a file of the model" in line
    assert converted.read_bytes() == before


def test_encode_does_not_replace_its_input(command, tiny_expert, tmp_path):
    source = tmp_path / "folder" / "papers.jsonl"
    source.parent.mkdir()
    source.write_text(TEXTS)
    names = spellings(source)
    before = contents(tmp_path)
    encode = ("encode", "--model", tiny_expert, "--task", "search", "--output")
    for output in names:
        for options in ([], ["--resume"]):
            line = command(*encode, output, "--input", source, *options).fail_in_one_line(1)
            assert line == f"scimult: {output}: is the input: give the output another name"
    assert contents(tmp_path) == before


@pytest.mark.parametrize("ending", ["partial", "progress", "progress.partial"])
@pytest.mark.parametrize("options", [[], ["--resume"]])
def test_files_beside_the_output_are_none_that_is_read(
    command, tiny_expert, tmp_path, ending, options
):
    source = tmp_path / f"vectors.npy.{ending}"
    source.write_text(TEXTS)
    line = command(
        *("encode", "--model", tiny_expert, "--task", "search"),
        *("--input", source, "--output", tmp_path / "vectors.npy", *options),
    ).fail_in_one_line(1)
    assert "is the input" in line
    assert contents(tmp_path) == {source: TEXTS.encode()}


@pytest.mark.parametrize(
    "words",
    [
        ["encode", "--task", "search", "--input", "papers.jsonl"],
        ["encode", "--task", "search"],
        ["rank", "--task", "search", "--query", "q", "--candidates", "papers.jsonl"],
        ["rank", "--task", "search", "--queries", "papers.jsonl", "--candidates", "-"],
        ["tokenize", "--input", "papers.jsonl"],
        ["tokenize"],
    ],
    ids=" ".join,
)
def test_standard_output_is_not_the_input(scimult, tiny_expert, source, words):
    with source.open("ab") as stdout, source.open() as stdin:
        ended = subprocess.run(
            [scimult, words[0], "--model", tiny_expert, *words[1:]],
            cwd=source.parent,
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
            timeout=30,
            check=False,
        )
    assert ended.returncode == 1
    assert ended.stderr.decode().splitlines() == [
        "scimult: standard output: is the input: send the output to another file"
    ]
    assert source.read_text() == TEXTS


def test_standard_output_is_no_file_of_the_model(scimult, model):
    before = contents(model)
    with (model / "config.json").open("ab") as stdout:
        ended = subprocess.run(
            [scimult, "inspect", model], stdout=stdout, stderr=subprocess.PIPE, check=False
        )
    assert ended.returncode == 1
    assert b"is a file of the model" in ended.stderr
    assert contents(model) == before


def test_input_and_output_may_both_be_devices(command, tiny_expert):
    command(
        *("encode", "--model", tiny_expert, "--task", "search"),
        *("--input", os.devnull, "--output", os.devnull),
    ).succeed()


@pytest.mark.parametrize("words", [["convert", "-o"], ["encode", "--task", "search", "--output"]])
def test_folder_is_no_output(command, tiny_expert, tmp_path, words):
    folder = tmp_path / "result.npy"
    folder.mkdir()
    model = [tiny_expert] if words[0] == "convert" else ["--model", tiny_expert]
    outcome = command(words[0], *model, *words[1:], folder)
    assert outcome.code in (1, 2)
    assert str(folder) in outcome.stderr
    assert list(tmp_path.rglob("*")) == [folder]
