"""The main function of ``scimult-client``."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

from ..client import Client
from ..errors import ScimultError
from ..tls import TLS
from .arguments import parser
from .failure import CommandFailed, WrongUse, in_one_line

DEFAULT_SERVER = "127.0.0.1:50051"


def main(words: Sequence[str] | None = None) -> int:
    """Runs the command. Exit codes: 0 success, 1 failure, 2 invalid command line."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        # A signal that the parent process ignores, as with nohup, stays ignored.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)
    arguments = parser().parse_args(words)
    servers = arguments.servers or [DEFAULT_SERVER]
    try:
        client = _client(servers, arguments)
        arguments.run(client, arguments)
        client.close()
    except BrokenPipeError:
        # The reader of standard output has gone. Discard what Python would still write.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except WrongUse as error:
        print(f"scimult-client: {error}", file=sys.stderr)
        return 2
    except (CommandFailed, ScimultError, OSError, ValueError, TypeError) as error:
        print(f"scimult-client: {in_one_line(error, servers)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        _end_at_once(signal.SIGINT)
    except _Ended as ended:
        _end_at_once(ended.number)
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


class _Ended(BaseException):
    """A signal ends the command. As an exception, it leaves no unfinished file behind."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def _end(number: int, frame: FrameType | None) -> None:
    raise _Ended(number)


def _end_at_once(number: int) -> NoReturn:
    """Ends the process without closing the client.

    When closing, gRPC would wait for a call that the signal has prevented from starting.
    """
    with contextlib.suppress(OSError):
        sys.stdout.flush()
    os._exit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
