"""A reader who copies commands from a document into a shell."""

from __future__ import annotations

import os
import re
import select
import shlex
import shutil
import signal
import subprocess
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from harness.document_blocks import Block
from programs import REPOSITORY, Program

BLOCK_SECONDS_MAX = 180

#: The shell's output after a block.
DONE = "done"


class Reader:
    """Runs commands in one shell, with other ports and paths than those in the document.

    Its folder contains deploy/. Background processes run until `leave`.
    """

    def __init__(
        self, folder: Path, programs: Mapping[str, Program], places: Mapping[str, str]
    ) -> None:
        self._folder = folder
        self._places = places
        self._runs = 0
        self._programs = folder / "bin"
        self._programs.mkdir()
        for name, program in programs.items():
            self._add_program(name, program)
        shutil.copytree(REPOSITORY / "deploy", folder / "deploy")
        for file in (folder / "deploy").rglob("*"):
            if file.is_file():
                file.write_text(self._here(file.read_text()))
        self._shell = subprocess.Popen(
            ["bash", "-euo", "pipefail"],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env={"PATH": f"{self._programs}:{os.environ['PATH']}"},
            # A separate process group, with all its background processes.
            start_new_session=True,
        )

    def run(self, block: Block) -> str:
        """Runs the commands, which must succeed, and returns their output."""
        self._runs += 1
        commands, output = (self._folder / f"{name}-{self._runs}" for name in ("block", "output"))
        commands.write_text(self._here(block.text))
        shell = self._shell
        assert shell.stdin and shell.stdout
        shell.stdin.write(f". {commands} >{output} 2>&1 </dev/null; echo {DONE}\n".encode())
        shell.stdin.flush()
        answered, _, _ = select.select([shell.stdout], [], [], BLOCK_SECONDS_MAX)
        # The shell exits at the first command that fails.
        succeeded = answered and shell.stdout.readline().decode().strip() == DONE
        printed = output.read_text(errors="replace")
        assert succeeded, f"{block} {'failed' if answered else 'does not end'}: {printed}"
        return printed

    def leave(self, process_files: Iterable[str]) -> None:
        """Ends the processes of the shell, and those that wrote their PID into a file."""
        with suppress(ProcessLookupError):
            os.killpg(self._shell.pid, signal.SIGTERM)
        self._shell.communicate()
        for written in process_files:
            file = Path(self._here(written))
            if file.exists():
                with suppress(ProcessLookupError):
                    os.kill(int(file.read_text()), signal.SIGTERM)

    def _here(self, text: str) -> str:
        for written, here in self._places.items():
            text = re.sub(rf"(?<!\w){re.escape(written)}", here, text)
        return text

    def _add_program(self, name: str, program: Program) -> None:
        settings = [f"{key}={value}" for key, value in program.environment.items()]
        command = shlex.join(["env", *settings, str(program.path)])
        path = self._programs / name
        path.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        path.chmod(0o755)
