"""The options for reading files of documents."""

from __future__ import annotations

import argparse

from .csv_dialect import DELIMITERS
from .document_files import DocumentFile, Form
from .failure import WrongUse


def add_document_options(command: argparse.ArgumentParser) -> None:
    """Adds the options to a command."""
    group = command.add_argument_group("how documents are read")
    group.add_argument(
        "--input-format", choices=("jsonl", "csv"), help="default: what the file's name tells"
    )
    group.add_argument(
        "--csv-delimiter",
        type=_delimiter,
        metavar="comma|semicolon|tab",
        help="what stands between the fields of CSV, or the character itself (default: tab in "
        ".tsv, else the one that makes the most columns of the header)",
    )
    group.add_argument(
        "--csv-quotes",
        choices=("doubled", "backslash"),
        help='a quote inside of quotes: "" or \\" (default: what the file\'s first MiB tells)',
    )
    group.add_argument(
        "--skip-bad-lines",
        action="store_true",
        help="skip lines that are no documents, and documents that the server cannot encode, and "
        "tell which they were, instead of ending at the first",
    )


def document_file(name: str, arguments: argparse.Namespace) -> DocumentFile:
    """Opens the file with the options. Raises ``WrongUse`` if the options do not fit the file."""
    form = Form(arguments.input_format, arguments.csv_delimiter, arguments.csv_quotes)
    for option, value in (("--csv-delimiter", form.delimiter), ("--csv-quotes", form.quotes)):
        if value is not None and not form.is_csv(name):
            raise WrongUse(
                f"{option} is for tables, and {'standard input' if name == '-' else name} is read "
                "as JSON lines: leave it out, or give --input-format csv too."
            )
    return DocumentFile(name, skip_bad_lines=arguments.skip_bad_lines, form=form)


def _delimiter(word: str) -> str:
    if word in DELIMITERS or word.encode() in DELIMITERS.values():
        return word
    raise argparse.ArgumentTypeError(f"{word!r}: expected comma, semicolon or tab")
