"""A server with one thread on one core, and its clients on another."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from shared.processes import pinned

SERVER_CORE, CLIENT_CORE = 0, 1


@dataclass(frozen=True)
class Server:
    """The addresses of a server."""

    grpc: str
    admin: str


@contextmanager
def serve(scimult: Path, model: str) -> Iterator[Server]:
    """Runs a server, which encodes each text of each request, until the with statement ends."""
    command = [str(scimult), "serve", "--model", model, "--threads", "1", "--cache-bytes", "0"]
    command += ["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--log-level", "warning"]
    process = subprocess.Popen(pinned(command, {SERVER_CORE}), stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        ready = re.match(r"ready grpc=(\S+) admin=(\S+)", process.stdout.readline())
        if ready is None:
            raise SystemExit("the server did not start")
        yield Server(ready[1], ready[2])
    finally:
        process.terminate()
        process.wait()
