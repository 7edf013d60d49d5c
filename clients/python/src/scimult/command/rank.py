"""``scimult-client rank``: ranks a file of candidates for a query."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..client import Client
from .document_files import DocumentFile, DocumentLine
from .embedding_files import shortest


def rank(client: Client, arguments: argparse.Namespace) -> None:
    """Prints the candidates as JSON lines, best first."""
    identifiers: list[Any] = []

    def candidates(source: DocumentFile) -> Iterator[DocumentLine]:
        for document in source.documents():
            identifiers.append(document.identifier)
            yield document

    with DocumentFile(arguments.candidates, skip_bad_lines=arguments.skip_bad_lines) as source:
        ranking = client.rank(
            arguments.query, candidates(source), task=arguments.task, top_k=arguments.top_k
        )
    for candidate in ranking:
        identifier = json.dumps(identifiers[candidate.index], ensure_ascii=False)
        score = shortest([np.float32(candidate.score)])
        print(f'{{"index": {candidate.index}, "id": {identifier}, "score": {score}}}')
    sys.stdout.flush()
    if source.skipped:
        print(f"skipped {source.skipped} bad lines", file=sys.stderr)
