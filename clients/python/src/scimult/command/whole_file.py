"""Files that appear whole, or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .failure import WrongUse


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A place beside the file to write to: it gets the file's name when the block ends well.

    A name that is a link stays one: the file that it leads to is written.
    """
    target = Path(os.path.realpath(path))
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        yield part
        part.replace(target)
    except FileNotFoundError as error:
        # The name that the caller knows.
        raise FileNotFoundError(error.errno, error.strerror, str(path)) from error
    finally:
        part.unlink(missing_ok=True)


def check_target(path: Path, source: str) -> None:
    """Raises ``WrongUse`` where writing the file would destroy what is no old file of its kind."""
    if not path.exists():
        return
    if not path.is_file():
        raise WrongUse(f"{path}: is no file: name another, or - for standard output")
    if source != "-" and Path(source).exists() and path.samefile(source):
        raise WrongUse(f"{path}: is the input, too: name another output")
