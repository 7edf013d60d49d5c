"""A reader of the documents, with a folder of the files and programs that their commands use."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

from .certificates import Authority
from .document_blocks import Block

REPOSITORY = Path(__file__).resolve().parents[3]
BLOCK_SECONDS_MAX = 120

#: The server's address in the documents.
DOCUMENTED = "127.0.0.1:50051"

INTERPRETERS = {"python": [sys.executable, "-c"], "sh": ["bash", "-euo", "pipefail", "-c"]}


class Reader:
    """Runs the code blocks of a document in a shell or in Python."""

    def __init__(self, folder: Path, scimult: Path, server: str) -> None:
        """``server`` is a running server's address; `scimult serve` starts others briefly."""
        self.folder = folder
        self.authority = Authority(folder, "ca")
        #: Replacements of the placeholder names in documents.
        self.places = {DOCUMENTED: server}
        for name in ("Protos", "examples"):
            (folder / name).symlink_to(REPOSITORY / name)
        self._programs = folder / "programs"
        self._programs.mkdir()
        self._add_models_and_papers()
        self._add_scimult(scimult)
        self._add_client(server)
        self._add_hub()
        # The wheel belongs to another build; make deploy-check installs it.
        self._add_program("pip", '[ "$*" = "install dist/scimult_server-*.whl" ]')
        # Prints what the target would run, if it exists.
        self._add_program("make", f'exec /usr/bin/make -C {REPOSITORY} --dry-run "$@"')

    def runs(self, block: Block) -> str:
        """Runs a block, which must succeed, and returns its output."""
        text = block.text
        for documented, here in self.places.items():
            text = text.replace(documented, here)
        ended = subprocess.run(
            [*INTERPRETERS[block.words], text],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=BLOCK_SECONDS_MAX,
            env={
                **os.environ,
                "PATH": f"{self._programs}:{sysconfig.get_path('scripts')}:{os.environ['PATH']}",
                "PYTHONPATH": str(REPOSITORY / "Tests/EndToEnd"),
            },
            check=False,
        )
        assert ended.returncode == 0, f"{block}: {ended.stderr}"
        return ended.stdout

    def _add_models_and_papers(self) -> None:
        (self.folder / "models").mkdir()
        for model in ("MODEL", "models/scimult"):
            (self.folder / model).symlink_to(REPOSITORY / "Tests/Fixtures/tiny-expert")
        (self.folder / "papers.jsonl").symlink_to(REPOSITORY / "examples/papers.jsonl")
        (self.folder / "queries.jsonl").write_text(
            '{"text": "how do machines translate?"}\n{"text": "learning without labels"}\n'
        )
        self.authority.issue("server")

    def _add_scimult(self, scimult: Path) -> None:
        brief = f'exec {sys.executable} -m harness.brief_server {scimult} "$@"'
        self._add_program("scimult", brief)

    def _add_client(self, server: str) -> None:
        client = f'{sysconfig.get_path("scripts")}/scimult-client "$@"'
        self._add_program(
            "scimult-client",
            f'case " $* " in *" --server "*) exec {client} ;; esac\n'
            f"exec {client} --server {server}",
        )

    def _add_hub(self) -> None:
        """Adds the hub's command line, for a hub with one small model with task adapters."""
        published = REPOSITORY / "Tests/Golden/variants/specter2-published"
        self._add_program(
            "hf",
            'name=${2#allenai/}; mkdir -p "$4"\n'
            f'[ "$name" = specter2_base ] && exec cp {published}/*.* "$4"\n'
            f'exec cp {published}/adapters/"$name"/* "$4"',
        )

    def _add_program(self, name: str, lines: str) -> Path:
        path = self._programs / name
        path.write_text(f"#!/bin/sh\n{lines}\n")
        path.chmod(0o755)
        return path
