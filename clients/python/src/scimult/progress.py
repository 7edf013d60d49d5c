"""A progress bar on a terminal, if tqdm is installed."""

from __future__ import annotations

from operator import length_hint
from typing import Any

from .arguments import check_flag
from .documents import is_one_document


def progress_bar(shown: bool, documents: object) -> Any:
    """Returns tqdm's bar as a context manager, or one that shows nothing if not ``shown``.

    Raises ``ImportError`` with what to install if tqdm is missing.
    """
    if not check_flag("progress", shown):
        return _NoBar()
    try:
        from tqdm.auto import tqdm
    except ImportError as error:
        raise ImportError(
            "a progress bar needs tqdm: pip install 'scimult[progress]', or progress=False"
        ) from error
    total = 1 if is_one_document(documents) else length_hint(documents) or None
    return tqdm(total=total, unit=" documents")


class _NoBar:
    def __enter__(self) -> _NoBar:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def update(self) -> None:
        """Counts one more document."""
