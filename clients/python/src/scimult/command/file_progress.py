"""Shows the progress of a file on a terminal."""

from __future__ import annotations

import sys
import time
from typing import Any

from .document_files import DocumentFile, DocumentLine


class FileProgress:
    """A progress bar on a terminal if tqdm is installed, and a summary at the end."""

    def __init__(self, source: DocumentFile) -> None:
        self._source = source
        self._is_shown = sys.stderr.isatty()
        self._bar = _bar(source) if self._is_shown else None
        self._count = 0
        self._position = 0
        self._start = time.monotonic()

    def __enter__(self) -> FileProgress:
        return self

    def __exit__(self, failure: object, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()
        if failure is not None:
            return
        if self._is_shown:
            seconds = time.monotonic() - self._start
            rate = f"{self._count / seconds:,.0f}/s" if seconds > 0 else ""
            print(f"{self._count:,} documents in {seconds:.1f} s, {rate}", file=sys.stderr)
        tell_of_skipped(self._source)

    def took(self, document: DocumentLine) -> None:
        """Counts a finished document."""
        self._count += 1
        if self._bar is not None:
            self._bar.set_postfix_str(f"{self._count:,} documents", refresh=False)
            self._bar.update(document.position - self._position)
            self._position = document.position


def tell_of_skipped(source: DocumentFile) -> None:
    """Lists skipped lines on standard error, if there are any."""
    told = source.told_of_skipped()
    if told is not None:
        print(f"scimult-client: {told}", file=sys.stderr)


def _bar(source: DocumentFile) -> Any:
    try:
        from tqdm import tqdm
    except ImportError:
        return None
    return tqdm(total=source.size, unit="B", unit_scale=True, file=sys.stderr)
