"""Input of commands: JSON Lines and CSV, plain and compressed by gzip, of any size."""

from __future__ import annotations

import csv
import gzip
import io
import subprocess
import sys

import numpy as np
import pytest

from harness.command import json_lines

PAPERS = [
    {"id": "a", "title": "Ferns", "abstract": 'They grow, "slowly",\nin the shade.'},
    {"id": "b", "title": "Cells and genes", "abstract": ""},
    {"id": "ä", "title": "日本語, a title", "abstract": "with a comma, and\r\ntwo lines"},
]


def table(rows: list[dict[str, str]], **options: str) -> bytes:
    """Returns a CSV file as Python writes it."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, rows[0], **options)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


@pytest.fixture
def encoded(command, tiny_expert, tmp_path):
    """Encodes a file with this name and returns ids and vectors."""

    def encode(name: str, content: bytes, *options: str) -> tuple[list[object], np.ndarray]:
        source = tmp_path / name
        source.write_bytes(content)
        outcome = command(
            *("encode", "--model", tiny_expert, "--task", "search", "--input", source, *options)
        ).succeed()
        lines = outcome.json_lines()
        return [line["id"] for line in lines], np.array([line["embedding"] for line in lines])

    return encode


@pytest.fixture
def expected(encoded):
    return encoded("expected.jsonl", json_lines(PAPERS).encode())


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("papers.csv", table(PAPERS)),
        ("papers.CSV", table(PAPERS, lineterminator="\n")),
        ("all-quoted.csv", table(PAPERS, quoting=csv.QUOTE_ALL)),
        ("with-mark.csv", b"\xef\xbb\xbf" + table(PAPERS)),
        ("no-line-end.csv", table(PAPERS).removesuffix(b"\r\n")),
        ("empty-lines.csv", b"\r\n" + table(PAPERS) + b"\n\r\n\n"),
        ("semicolons.csv", table(PAPERS, delimiter=";")),
        ("papers.tsv", table(PAPERS, delimiter="\t")),
        ("papers.TSV.gz", gzip.compress(table(PAPERS, delimiter="\t"))),
        ("backslashes.csv", table(PAPERS, doublequote=False, escapechar="\\")),
        ("papers.gz", gzip.compress(json_lines(PAPERS).encode())),
        ("plain.jsonl.gz", json_lines(PAPERS).encode()),
        ("zeros-behind.jsonl.gz", gzip.compress(json_lines(PAPERS).encode()) + bytes(1_000)),
        ("more-columns.csv", table([{"year": "2020", **paper, "x": '"'} for paper in PAPERS])),
        ("papers.csv.gz", gzip.compress(table(PAPERS))),
        ("papers.jsonl.gz", gzip.compress(json_lines(PAPERS).encode())),
        ("by-its-bytes.jsonl", gzip.compress(json_lines(PAPERS).encode())),
        (
            "members.jsonl.gz",
            b"".join(gzip.compress(json_lines([paper]).encode()) for paper in PAPERS),
        ),
    ],
)
def test_forms(encoded, expected, name, content):
    ids, vectors = encoded(name, content)
    assert ids == expected[0]
    np.testing.assert_array_equal(vectors, expected[1])


def test_form_can_be_told(encoded, expected, command, tiny_expert):
    ids, _ = encoded("papers.txt", table(PAPERS), "--input-format", "csv")
    assert ids == expected[0]
    outcome = command(
        *("encode", "--model", tiny_expert, "--task", "search", "--input-format", "csv"),
        stdin=gzip.compress(table(PAPERS)),
    ).succeed()
    assert [line["id"] for line in outcome.json_lines()] == expected[0]


def test_texts_of_a_table(encoded):
    ids, vectors = encoded("texts.csv", b"text,id\nferns,\ncells,2\n")
    assert ids == [None, "2"]
    same, _ = encoded("texts.jsonl", b'{"text": "ferns"}\n{"text": "cells"}\n')
    assert len(vectors) == len(same)


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (b"", 1, "no header"),
        (b"name,year\nx,1\n", 1, 'no column "title", "abstract" or "text"'),
        (b"title,abstract,text\nx,y,z\n", 2, '"abstract" and "text" are both given'),
        (b"title,abstract,title\nx,y,z\n", 1, 'two columns "title"'),
        (b"title,abstract\nx,y\nz\n", 3, "1 fields, where the header has 2"),
        (b'title,abstract\nx,"two\nlines"\nx,y,z\n', 4, "3 fields, where the header has 2"),
        (b'title\nx\n "z"\n', 3, "a blank before a quote"),
        (b'title\nx\n"y"z\n', 3, "text behind a closing quote"),
        (b'title\nx\n"y\nz\n', 3, "a quote is not closed"),
        (b"title\nx\n\xff\n", 3, "not UTF-8"),
    ],
)
def test_bad_tables(command, tiny_expert, tmp_path, content, line, reason):
    source = tmp_path / "papers.csv"
    source.write_bytes(content)
    complaint = command(
        *("encode", "--model", tiny_expert, "--task", "search", "--input", source),
        *("--output", tmp_path / "vectors.jsonl"),
    ).fail_in_one_line(1)
    assert f"{source}: line {line}: " in complaint
    assert list(tmp_path.iterdir()) == [source]
    assert reason in complaint


def test_bad_rows_can_be_skipped(command, tiny_expert, tmp_path):
    source = tmp_path / "papers.csv"
    source.write_bytes(b'title\nx\na,b\n"c"d\n "z"\nw\n')
    outcome = command(
        *("encode", "--model", tiny_expert, "--task", "search"),
        *("--input", source, "--skip-bad-lines"),
    ).succeed()
    assert len(outcome.json_lines()) == 2
    assert outcome.stderr == f"scimult: {source}: 3 bad lines skipped: 3, 4, 5\n"


WHOLE = gzip.compress(json_lines({"text": f"kind {number}"} for number in range(5_000)).encode())


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (WHOLE[:-9], "ends too early"),
        (WHOLE[: len(WHOLE) // 2], "ends too early"),
        (WHOLE[:1_000] + bytes([WHOLE[1_000] ^ 0xFF]) + WHOLE[1_001:], "damaged"),
        (WHOLE + b"rest", "damaged"),
        (WHOLE[:-6] + b"\0\0" + WHOLE[-4:], "damaged"),
    ],
)
def test_damaged_archives(command, tiny_expert, tmp_path, content, reason):
    source, result = tmp_path / "papers.jsonl.gz", tmp_path / "vectors.npy"
    source.write_bytes(content)
    line = command(
        *("encode", "--model", tiny_expert, "--task", "search"),
        *("--input", source, "--output", result),
    ).fail_in_one_line(1)
    assert str(source) in line
    assert reason in line
    assert list(tmp_path.iterdir()) == [source]


#: A process inherits the memory peak of the process that starts it, so a small process starts it.
MEASURE = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def peak_kib(scimult, model, source, result) -> int:
    command = [scimult, "encode", "--model", model, "--task", "search"]
    command += ["--input", source, "--output", result]
    ended = subprocess.run(
        [sys.executable, "-c", MEASURE, *command], check=True, capture_output=True, text=True
    )
    return int(ended.stdout)


@pytest.mark.measures_memory
@pytest.mark.parametrize("suffix", ["jsonl", "npy"])
def test_memory_does_not_grow_with_the_file(scimult, tiny_expert, tmp_path, suffix):
    peaks = []
    for count in (5_000, 100_000):
        source = tmp_path / "papers.jsonl"
        source.write_text(json_lines({"text": f"kind {number}"} for number in range(count)))
        peaks.append(peak_kib(scimult, tiny_expert, source, tmp_path / f"vectors.{suffix}"))
    assert peaks[1] - peaks[0] < 8 << 10
