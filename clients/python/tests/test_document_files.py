"""How the command reads files of documents."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import threading

import pytest

from document_vectors import vectors
from scimult.command import csv_records, input_lines
from scimult.command.document_files import DocumentFile, Form
from scimult.command.failure import CommandFailed
from scimult.command.json_objects import json_of


def documents(path, *, skips=False, **options):
    """Returns a file's documents, with ids as JSON, and the lines that were skipped."""
    with DocumentFile(str(path), skip_bad_lines=skips, form=Form(**options)) as file:
        found = [{"id": json_of(each.identifier), **each} for each in file.documents()]
        return found, file.skipped


@pytest.mark.parametrize("vector", vectors(), ids=str)
def test_vectors(vector, tmp_path):
    path, skips = vector.write(tmp_path), vector.skipped is not None
    if vector.error is not None:
        with pytest.raises(CommandFailed) as caught:
            documents(path, skips=skips, **vector.options)
        line = vector.error.get("line")
        assert str(caught.value).startswith(f"{path}: line {line}: " if line else f"{path}: ")
        assert vector.error["reason"] in str(caught.value)
        return
    found, skipped = documents(path, skips=skips, **vector.options)
    assert len(found) == len(vector.rows)
    for got, row in zip(found, vector.rows, strict=True):
        identifier = got.pop("id")
        if "id_text" in row:
            assert identifier == row["id_text"]
        else:
            assert json.loads(identifier) == row["id"]
        assert got == {name: row[name] for name in row if not name.startswith("id")}
    assert skipped == (vector.skipped or [])


def test_numbers_have_any_number_of_digits(tmp_path):
    path = tmp_path / "x.jsonl"
    digits = "7" * 10_000
    path.write_text(f'{{"id": {digits}, "other": {digits}, "text": "a"}}\n')
    assert documents(path)[0] == [{"id": digits, "text": "a"}]


def test_nesting_without_end_is_a_bad_line(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_text('{"text": "a", "x": ' + "[" * 1_000_000 + "\n")
    with pytest.raises(CommandFailed, match="line 1: nested more than 512 levels deep"):
        documents(path)


def test_brackets_in_strings_are_no_nesting(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps({"text": '[{"\\' * 1000}) + "\n")
    assert documents(path)[0][0]["text"] == '[{"\\' * 1000


def test_lines_and_records_have_a_bound(tmp_path, monkeypatch):
    monkeypatch.setattr(input_lines, "LINE_BYTES_MAX", 1 << 20)
    monkeypatch.setattr(csv_records, "RECORD_BYTES_MAX", 2 << 20)
    path = tmp_path / "x.jsonl"
    path.write_bytes(gzip.compress(b'{"text":"a"}\n' + b" " * (8 << 20)))
    with pytest.raises(CommandFailed, match="line 2: is longer than 1 MiB"):
        documents(path)
    table = tmp_path / "x.csv"
    table.write_text('text\na\n"' + "b\n" * (1 << 20))
    with pytest.raises(CommandFailed, match="line 3: a record is longer than 2 MiB"):
        documents(table, skips=True, quotes="doubled")


@contextlib.contextmanager
def written_to_a_pipe(path, *parts):
    """Writes the first part to a pipe, and each later part when the caller asks for it.

    Returns the file, and the function that asks. The writer closes the pipe after the last part.
    """
    os.mkfifo(path)
    asked = threading.Semaphore(0)

    def write():
        with path.open("wb", buffering=0) as pipe:
            for number, part in enumerate(parts):
                assert number == 0 or asked.acquire(timeout=30)
                pipe.write(part)

    writer = threading.Thread(target=write)
    writer.start()
    with DocumentFile(str(path), skip_bad_lines=False) as file:
        yield file, asked.release
    writer.join()


def test_a_pipe_gives_its_documents_as_they_come(tmp_path):
    """Not only at the end of the input, or when a buffer is full."""
    lines = (b'{"text":"a"}\n', b'{"text":"b"}\n')
    with written_to_a_pipe(tmp_path / "pipe.jsonl", *lines) as (file, ask):
        found = file.documents()
        assert next(found) == {"text": "a"}
        ask()
        assert [*found] == [{"text": "b"}]


@pytest.mark.parametrize("row", ['2,"b"', '2,"b \\\\ c"', '2,"b \\"c\\""'])
def test_rows_of_a_pipe_do_not_wait_for_its_way_of_quoting(tmp_path, row):
    lines = (b"id,text\n1,a\n" + row.encode() + b"\n", b"3,c\n")
    with written_to_a_pipe(tmp_path / "pipe.csv", *lines) as (file, ask):
        parts = file.parts()
        assert next(next(parts)).identifier == "1"
        ask()
        assert [each.identifier for part in parts for each in part] == ["2", "3"]


def test_a_pause_ends_a_part(tmp_path):
    lines = (b'{"text":"a"}\n{"text":"b"}\n{"te', b'xt":"c"}\n', b"")
    with written_to_a_pipe(tmp_path / "pipe.jsonl", *lines) as (file, ask):
        parts = file.parts()
        assert [*next(parts)] == [{"text": "a"}, {"text": "b"}]
        ask()
        assert [*next(parts)] == [{"text": "c"}]
        ask()
        assert not [*parts]


def test_quotes_are_told_by_the_first_mebibyte(tmp_path):
    path = tmp_path / "x.csv"
    filling = '"plain text, which says nothing","x"\n' * 40_000
    early = 'title,abstract\n"2\\" seam","x"\n' + filling + '"ends in \\"X\\"","y"\n'
    path.write_text(early)
    assert documents(path)[0][-1]["title"] == 'ends in "X"'
    path.write_text("title,abstract\n" + filling + '"2\\" seam","x"\n')
    with pytest.raises(CommandFailed, match="--csv-quotes backslash reads it as a quote"):
        documents(path)
