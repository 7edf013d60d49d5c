"""A progress bar on a terminal, where tqdm is installed."""

from __future__ import annotations

from collections.abc import Sized
from typing import Any


def progress_bar(shown: bool, documents: object) -> Any:
    """tqdm's bar, as a context; one that shows nothing where it was not asked for.

    Raises ``ImportError``, which says what to install, where tqdm is missing.
    """
    if not shown:
        return _NoBar()
    try:
        from tqdm.auto import tqdm
    except ImportError as error:
        raise ImportError(
            "a progress bar needs tqdm: pip install 'scimult[progress]', or progress=False"
        ) from error
    total = len(documents) if isinstance(documents, Sized) else None
    return tqdm(total=total, unit=" documents")


class _NoBar:
    def __enter__(self) -> _NoBar:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def update(self) -> None:
        """Counts one more."""
