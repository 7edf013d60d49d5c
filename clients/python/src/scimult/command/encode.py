"""``scimult-client encode``: embeds a file of documents."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator

from ..client import Client
from ..encoding import Encoded, is_of_one_document
from ..errors import ScimultError
from .document_files import DocumentFile, DocumentLine
from .document_options import document_file
from .embedding_files import check_output, embedding_file
from .failure import reason_of
from .file_progress import FileProgress


def encode(client: Client, arguments: argparse.Namespace) -> None:
    """Writes an embedding for each document of the input, in order."""
    check_output(arguments.output, arguments.input)
    with document_file(arguments.input, arguments) as source:
        dimensions = client.model().dimensions
        with (
            FileProgress(source) as progress,
            embedding_file(arguments.output, dimensions) as result,
        ):
            for documents in source.parts():
                for row in _encoded(client, documents, arguments):
                    if row.error is None:
                        result.add(row.document.identifier, row)
                    else:
                        _refused(source, row, row.error)
                    progress.took(row.document)
                # The writer of the input may wait for these before it writes the next document.
                result.flush()


def _encoded(
    client: Client, documents: Iterable[DocumentLine], arguments: argparse.Namespace
) -> Iterator[Encoded]:
    return client.encode_iter(
        documents,
        task=arguments.task,
        role=arguments.role,
        normalize=arguments.normalize,
        format=arguments.transfer,
        reject_truncation=arguments.reject_truncation,
        documents_per_request=arguments.documents_per_request,
        concurrency=arguments.concurrency,
        on_error="yield",
    )


def _refused(source: DocumentFile, row: Encoded, error: Exception) -> None:
    """Raises the error. If it concerns one document, the document's line counts as invalid."""
    if isinstance(error, ScimultError) and not is_of_one_document(error):
        raise error
    source.failed(row.document.number, reason_of(error))
