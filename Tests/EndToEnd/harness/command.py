"""Runs a `scimult` command until it exits."""

from __future__ import annotations

import json
import os
import subprocess
import sysconfig
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMAND_SECONDS_MAX = 30

#: The Python client's command.
CLIENT = Path(sysconfig.get_path("scripts")) / "scimult-client"


@dataclass(frozen=True)
class Outcome:
    """The result of a command."""

    code: int
    stdout: str
    stderr: str

    def json_lines(self) -> list[Any]:
        """Standard output as JSON Lines."""
        return [json.loads(line) for line in self.stdout.splitlines()]

    def succeed(self) -> Outcome:
        """Asserts exit code 0."""
        assert self.code == 0, f"exit code {self.code}: {self.stderr}"
        return self

    def fail(self, code: int) -> str:
        """Asserts a failure: this exit code, and no output. Returns standard error."""
        assert self.code == code, f"exit code {self.code}, not {code}: {self.stderr or self.stdout}"
        assert self.stdout == ""
        assert self.stderr != ""
        return self.stderr

    def fail_in_one_line(self, code: int = 1) -> str:
        """Asserts a failure with a message of one line, and returns the line."""
        (line,) = self.fail(code).splitlines()
        return line


class Command:
    """The `scimult` executable."""

    def __init__(self, scimult: Path) -> None:
        self.scimult = scimult

    def __call__(
        self,
        *arguments: str | Path,
        stdin: str | bytes = b"",
        environment: Mapping[str, str] | None = None,
        launcher: Sequence[str] = (),
    ) -> Outcome:
        """Runs a command with this standard input."""
        ended = subprocess.run(
            [*launcher, self.scimult, *arguments],
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            timeout=COMMAND_SECONDS_MAX,
            env={**os.environ, **(environment or {})},
            check=False,
        )
        return Outcome(ended.returncode, ended.stdout.decode(), ended.stderr.decode())


def json_lines(rows: Iterable[Any]) -> str:
    """Returns rows as JSON Lines."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
