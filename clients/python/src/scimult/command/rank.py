"""``scimult-client rank``: ranks a file of candidates for a query."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..client import Client
from ..errors import InternalError, ScimultError
from .document_files import DocumentFile, DocumentLine
from .document_options import document_file
from .embedding_files import shortest
from .failure import CommandFailed, reason_of
from .file_progress import tell_of_skipped
from .json_objects import json_of


def rank(client: Client, arguments: argparse.Namespace) -> None:
    """Prints the candidates as JSON Lines, best first."""
    identifiers: list[Any] = []
    numbers: list[int] = []

    def candidates(source: DocumentFile) -> Iterator[DocumentLine]:
        for document in source.documents():
            identifiers.append(document.identifier)
            numbers.append(document.number)
            yield document

    with document_file(arguments.candidates, arguments) as source:

        def refused(place: int, error: Exception) -> None:
            if isinstance(error, ScimultError):
                _check_query(client, arguments)
            source.failed(numbers[place], reason_of(error))

        ranking = client._rank_each(
            arguments.query,
            candidates(source),
            refused,
            task=arguments.task,
            top_k=arguments.top_k,
        )
    for candidate in ranking:
        identifier = json_of(identifiers[candidate.index])
        score = shortest([np.float32(candidate.score)])
        print(f'{{"index": {candidate.index}, "id": {identifier}, "score": {score}}}')
    sys.stdout.flush()
    tell_of_skipped(source)


def _check_query(client: Client, arguments: argparse.Namespace) -> None:
    """Raises ``CommandFailed`` if the query, rather than a candidate, caused the error."""
    try:
        client.encode(arguments.query, task=arguments.task)
    except InternalError as error:
        raise CommandFailed(f"--query: {reason_of(error)}") from error
