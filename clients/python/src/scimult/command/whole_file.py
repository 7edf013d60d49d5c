"""Files that appear whole, or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A place beside the file to write to: it gets the file's name when the block ends well."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        part.replace(path)
    except FileNotFoundError as error:
        # The name that the caller knows.
        raise FileNotFoundError(error.errno, error.strerror, str(path)) from error
    finally:
        part.unlink(missing_ok=True)
