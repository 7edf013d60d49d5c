"""The command line of ``scimult-client``."""

from __future__ import annotations

import argparse
from importlib import metadata

from ..connection import RETRIES_MAX
from ..encoding import ITER_CONCURRENCY, ITER_DOCUMENTS_MAX
from ..vocabulary import task_fields
from .document_options import add_document_options
from .encode import encode
from .model import model
from .rank import rank

_ENCODE_EXAMPLES = """
A line of input is {"id"?, "title", "abstract"?} or {"id"?, "text"}, or a row of a CSV file with
such columns; others are ignored. "text" beside a title is the abstract. An id may be called _id,
paper_id, corpus_id or doc_id, too. A line of output is {"id", "embedding", "tokens", "truncated"};
.npy is a float32 matrix of a row for each document, .parquet a table (pip install
'scimult[parquet]'). A progress bar on a terminal takes 'scimult[progress]'.

examples:
  scimult-client encode --task search --role candidate papers.jsonl papers.npy
  scimult-client encode --task link_prediction papers.csv.gz papers.parquet \\
    --server 10.0.0.1:50051 --server 10.0.0.2:50051 --priority batch
  echo '{"text": "mixture of experts"}' | scimult-client encode --task search
"""

_RANK_EXAMPLES = """
A candidate is a document as `scimult-client encode --help` describes it. A line of output is
{"index", "id", "score"}, best first; the index counts the candidates from 0.

example:
  scimult-client rank --task search --query "how do machines translate?" papers.jsonl --top-k 5
"""

_MODEL_EXAMPLES = """
example:
  scimult-client model --server papers.example:443 --tls --token-file token
"""


def parser() -> argparse.ArgumentParser:
    """Returns the parser. In its result, ``run`` is the command's function."""
    top = argparse.ArgumentParser(
        prog="scimult-client",
        description="Embeds and ranks scientific texts through a server of SciMult Serve.",
        epilog="Exit codes: 0 done, 1 the work failed, 2 wrong use.",
        allow_abbrev=False,
    )
    version = metadata.version("scimult")
    top.add_argument("--version", action="version", version=f"scimult-client {version}")
    commands = top.add_subparsers(metavar="COMMAND", required=True)

    command = _add(commands, "encode", "embed a file of documents", _ENCODE_EXAMPLES)
    command.set_defaults(run=encode)
    _add_task(command)
    command.add_argument(
        "input",
        nargs="?",
        default="-",
        help=".csv, .tsv, or JSON lines of any other name; packed by gzip or not; - is stdin",
    )
    command.add_argument(
        "output", nargs="?", default="-", help=".jsonl, .npy or .parquet; - is stdout"
    )
    command.add_argument(
        "--role", choices=("query", "candidate"), default="query", help="default: %(default)s"
    )
    command.add_argument("--normalize", action="store_true", help="give embeddings the length 1")
    command.add_argument(
        "--transfer",
        choices=("float32", "float16", "int8"),
        default="float32",
        help="how embeddings travel; the smaller, the less exact (default: %(default)s)",
    )
    command.add_argument(
        "--reject-truncation",
        action="store_true",
        help="a text that is longer than the model reads is a bad line, and not cut",
    )
    command.add_argument(
        "--concurrency",
        type=_positive,
        metavar="N",
        help=f"requests under way (default: {ITER_CONCURRENCY} for each server)",
    )
    command.add_argument(
        "--documents-per-request",
        type=_positive,
        metavar="N",
        default=ITER_DOCUMENTS_MAX,
        help="default: %(default)s",
    )
    add_document_options(command)

    command = _add(commands, "rank", "rank a file of candidates for a query", _RANK_EXAMPLES)
    command.set_defaults(run=rank)
    _add_task(command)
    command.add_argument("--query", required=True, metavar="TEXT")
    command.add_argument("candidates", nargs="?", default="-", help="as for encode; - is stdin")
    command.add_argument("--top-k", type=_positive, metavar="N", help="default: all")
    add_document_options(command)

    command = _add(commands, "model", "tell what model a server has", _MODEL_EXAMPLES)
    command.set_defaults(run=model)
    command.add_argument("--json", action="store_true", help="print one JSON object")
    return top


def _add(commands: object, name: str, purpose: str, examples: str) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(  # type: ignore[attr-defined]
        name,
        help=purpose,
        description=f"{purpose[0].upper()}{purpose[1:]}.",
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    group = command.add_argument_group("the server")
    group.add_argument(
        "--server",
        action="append",
        dest="servers",
        metavar="ADDRESS",
        help="host:port, unix:PATH or dns:///NAME:PORT; host:port may be given several times, for "
        "servers that share the work (default: 127.0.0.1:50051)",
    )
    group.add_argument(
        "--token-file", metavar="F", help="a file that holds the token to send, and nothing else"
    )
    group.add_argument("--tls", action="store_true", help="encrypt; trust public authorities")
    group.add_argument("--tls-ca", metavar="F", help="encrypt; trust this authority (PEM)")
    group.add_argument("--tls-cert", metavar="F", help="the client's own certificate (PEM)")
    group.add_argument("--tls-key", metavar="F", help="its key (PEM)")
    group.add_argument(
        "--tls-server-name", metavar="NAME", help="the name in the server's certificate"
    )
    group.add_argument(
        "--priority", choices=("interactive", "batch"), help="batch yields to calls of others"
    )
    group.add_argument(
        "--timeout",
        type=float,
        default=300.0,
        metavar="SECONDS",
        help="for each request (default: %(default)g)",
    )
    group.add_argument(
        "--retries",
        type=int,
        choices=range(RETRIES_MAX + 1),
        default=RETRIES_MAX,
        help="of a request that a full or stopping server turns away (default: %(default)s)",
    )
    return command


def _add_task(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--task",
        required=True,
        type=_task,
        help="what the texts are compared for: classification, link_prediction, search, or another "
        "task of the server's model, which `scimult-client model` tells",
    )


def _task(text: str) -> str:
    try:
        task_fields(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is less than 1")
    return number
