"""``scimult-client`` from its arguments to its exit code."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from ..client import Client
from ..errors import ScimultError
from ..tls import TLS
from .arguments import parser
from .failure import CommandFailed, WrongUse, in_one_line

DEFAULT_SERVER = "127.0.0.1:50051"


def main(words: Sequence[str] | None = None) -> int:
    """Runs the command. Exit codes: 0 done, 1 the work failed, 2 wrong use."""
    signal.signal(signal.SIGTERM, _end)
    arguments = parser().parse_args(words)
    servers = arguments.servers or [DEFAULT_SERVER]
    try:
        with _client(servers, arguments) as client:
            arguments.run(client, arguments)
    except BrokenPipeError:
        # Who reads has seen enough. What Python would still write goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except WrongUse as error:
        print(f"scimult-client: {error}", file=sys.stderr)
        return 2
    except (CommandFailed, ScimultError, OSError, ValueError, TypeError) as error:
        print(f"scimult-client: {in_one_line(error, servers)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return 0


def _client(servers: list[str], arguments: argparse.Namespace) -> Client:
    try:
        return Client(
            servers[0] if len(servers) == 1 else servers,
            timeout=arguments.timeout,
            retries=arguments.retries,
            tls=_tls(arguments),
            token=_token(arguments.token_file),
            priority=arguments.priority,
        )
    except ValueError as error:
        raise WrongUse(str(error)) from error


def _tls(arguments: argparse.Namespace) -> TLS | bool:
    given = (arguments.tls_ca, arguments.tls_cert, arguments.tls_key, arguments.tls_server_name)
    return TLS(*given) if arguments.tls or any(given) else False


def _token(file: str | None) -> str | None:
    if file is None:
        return None
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except UnicodeDecodeError:
        raise WrongUse(f"{file}: holds no token: a token is ASCII") from None


def _end(number: int, frame: FrameType | None) -> None:
    # Leaves blocks in order, so that no unfinished file stays behind.
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
