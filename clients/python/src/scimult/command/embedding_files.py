"""Writes files of embeddings: JSON Lines, numpy, Parquet."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np

from ..encoding import Encoded
from .failure import WrongUse
from .json_objects import json_of
from .whole_file import check_target, whole_file

#: The number of rows of a Parquet file that are written and can be read at once.
_ROW_GROUP = 4096


class EmbeddingWriter(Protocol):
    """Takes rows one by one."""

    def add(self, identifier: Any, row: Encoded) -> None:
        """Writes an embedding with its document's id."""

    def flush(self) -> None:
        """Writes out all rows that can be read before the file is complete."""

    def finish(self) -> None:
        """Writes the remaining rows."""


@contextmanager
def embedding_file(name: str, dimensions: int) -> Iterator[EmbeddingWriter]:
    """Writes the format that the name's suffix selects; ``-`` is JSON Lines on standard output."""
    if name == "-":
        writer: EmbeddingWriter = _JSONLines(sys.stdout)
        yield writer
        writer.finish()
        return
    with whole_file(Path(name)) as part:
        if name.endswith(".parquet"):
            writer = _Parquet(part, dimensions)
            yield writer
            writer.finish()
        elif name.endswith(".npy"):
            with part.open("wb") as file:
                writer = _Numpy(file, dimensions)
                yield writer
                writer.finish()
        else:
            with part.open("w", encoding="utf-8") as lines:
                writer = _JSONLines(lines)
                yield writer
                writer.finish()


def check_output(name: str, source: str) -> None:
    """Raises ``WrongUse`` on an unknown suffix, the source's name, or if pyarrow is missing."""
    if name != "-" and not name.endswith((".jsonl", ".npy", ".parquet")):
        raise WrongUse(f"{name}: expected a name that ends in .jsonl, .npy or .parquet, or -")
    if name != "-":
        check_target(Path(name), source)
    if name.endswith(".parquet"):
        try:
            import pyarrow.parquet  # noqa: F401
        except ImportError:
            raise WrongUse(
                f"{name}: Parquet needs pyarrow: pip install 'scimult[parquet]'"
            ) from None


def shortest(numbers: Any) -> str:
    """Formats float32 numbers as JSON: the shortest decimals that read back to the same values."""
    return ", ".join(map(str, numbers))


class _JSONLines:
    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def add(self, identifier: Any, row: Encoded) -> None:
        self._file.write(
            f'{{"id": {json_of(identifier)}, "embedding": [{shortest(row.embedding)}], '
            f'"tokens": {row.tokens}, "truncated": {json.dumps(row.truncated)}}}\n'
        )

    def flush(self) -> None:
        self._file.flush()

    def finish(self) -> None:
        self._file.flush()


class _Numpy:
    """(n, d) <f4 in C order. The header is rewritten at the end, when n is known."""

    def __init__(self, file: IO[bytes], dimensions: int) -> None:
        self._file = file
        self._dimensions = dimensions
        self._rows = 0
        self._write_heading()

    def add(self, identifier: Any, row: Encoded) -> None:
        assert row.embedding is not None
        self._file.write(row.embedding.astype("<f4", copy=False).tobytes())
        self._rows += 1

    def flush(self) -> None:
        self._file.flush()

    def finish(self) -> None:
        # numpy reserves space for more digits of the first number.
        self._file.seek(0)
        self._write_heading()

    def _write_heading(self) -> None:
        heading = {"descr": "<f4", "fortran_order": False, "shape": (self._rows, self._dimensions)}
        np.lib.format.write_array_header_1_0(self._file, heading)


class _Parquet:
    """Columns id (text, or JSON for other types), embedding, tokens and truncated."""

    def __init__(self, path: Path, dimensions: int) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._arrow = pa
        self._dimensions = dimensions
        self._schema = pa.schema(
            {
                "id": pa.string(),
                "embedding": pa.list_(pa.float32(), dimensions),
                "tokens": pa.int32(),
                "truncated": pa.bool_(),
            }
        )
        self._file = pq.ParquetWriter(path, self._schema)
        self._waiting: list[tuple[Any, Encoded]] = []

    def add(self, identifier: Any, row: Encoded) -> None:
        if identifier is not None and not isinstance(identifier, str):
            identifier = json_of(identifier)
        self._waiting.append((identifier, row))
        if len(self._waiting) == _ROW_GROUP:
            self._write()

    def flush(self) -> None:
        """Does nothing: the index of a Parquet file is written last."""

    def finish(self) -> None:
        if self._waiting:
            self._write()
        self._file.close()

    def _write(self) -> None:
        rows = [row for _, row in self._waiting]
        numbers = np.concatenate([row.embedding for row in rows if row.embedding is not None])
        columns = [
            self._arrow.array([identifier for identifier, _ in self._waiting], "string"),
            self._arrow.FixedSizeListArray.from_arrays(
                self._arrow.array(numbers, "float32"), self._dimensions
            ),
            self._arrow.array([row.tokens for row in rows], "int32"),
            self._arrow.array([row.truncated for row in rows], "bool"),
        ]
        self._file.write_table(self._arrow.Table.from_arrays(columns, schema=self._schema))
        self._waiting.clear()
