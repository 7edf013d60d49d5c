"""Runs `scimult` with given arguments; stops a server once it is ready, and uses free ports.

python -m harness.brief_server EXECUTABLE ARGUMENT…
"""

from __future__ import annotations

import os
import subprocess
import sys


def elsewhere(arguments: list[str]) -> list[str]:
    """Returns a server's arguments, with ports that do not conflict with others."""
    return [
        "127.0.0.1:0" if option in ("--listen", "--admin") else argument
        for option, argument in zip(["", *arguments], arguments, strict=False)
    ]


def main() -> None:
    executable, *arguments = sys.argv[1:]
    if arguments[:1] != ["serve"] or "--help" in arguments:
        os.execv(executable, [executable, *arguments])
    places = [] if "--listen" in arguments else ["--listen", "127.0.0.1:0"]
    places += [] if "--admin" in arguments else ["--admin", "127.0.0.1:0"]
    server = subprocess.Popen(
        [executable, *elsewhere(arguments), *places], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    print(server.stdout.readline(), end="", flush=True)
    server.terminate()
    sys.exit(server.wait())


if __name__ == "__main__":
    main()
