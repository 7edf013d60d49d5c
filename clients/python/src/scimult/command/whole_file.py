"""Writes files that appear complete or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .failure import WrongUse


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yields a temporary path next to the file, which is renamed if the block succeeds.

    If the path is a symbolic link, the link stays and its target is written.
    """
    target = Path(os.path.realpath(path))
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        yield part
        part.replace(target)
    except FileNotFoundError as error:
        # The path that the caller passed.
        raise FileNotFoundError(error.errno, error.strerror, str(path)) from error
    finally:
        part.unlink(missing_ok=True)


def check_target(path: Path, source: str) -> None:
    """Raises ``WrongUse`` if the path exists and is not a regular file, or is the input."""
    if not path.exists():
        return
    if not path.is_file():
        raise WrongUse(f"{path}: is no file: name another, or - for standard output")
    if source != "-" and Path(source).exists() and path.samefile(source):
        raise WrongUse(f"{path}: is the input, too: name another output")
