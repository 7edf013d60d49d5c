"""The parts of a Dockerfile that tests check: its last stage, and the packages it installs."""

from __future__ import annotations

import re
from pathlib import Path


class Dockerfile:
    """Stages of instructions. An instruction is a name and the rest of its line."""

    def __init__(self, path: Path) -> None:
        whole = path.read_text()
        #: The text of the last stage.
        self.last_stage = whole[whole.rindex("\nFROM ") + 1 :]
        text = re.sub(r"^\s*#.*\n", "", whole, flags=re.MULTILINE)
        lines = text.replace("\\\n", " ").splitlines()
        self.arguments: dict[str, str] = {}
        self.stages: list[list[tuple[str, str]]] = []
        for name, _, rest in (line.strip().partition(" ") for line in lines if line.strip()):
            if name == "FROM":
                self.stages.append([])
            if name == "ARG" and not self.stages:
                argument, _, value = rest.partition("=")
                self.arguments[argument] = value
            elif self.stages:
                self.stages[-1].append((name, " ".join(rest.split())))

    def packages(self, stage: int) -> list[str]:
        """Returns the packages that a stage installs with apt-get."""
        installs = [
            match[1]
            for name, rest in self.stages[stage]
            if name == "RUN" and (match := re.search(r"apt-get install ([^&|;]*)", rest))
        ]
        return [word for install in installs for word in install.split() if word[0] != "-"]

    def last(self, instruction: str) -> str:
        """Returns the arguments of an instruction that occurs once in the last stage."""
        found = [rest for name, rest in self.stages[-1] if name == instruction]
        assert len(found) == 1, f"{instruction} is there {len(found)} times"
        return found[0]
