"""Tags the wheel with the program's architecture, and with no version of Python."""

from __future__ import annotations

import re
import sysconfig
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ProgramOfOneMachine(BuildHookInterface[Any]):
    """Without this hook, the wheel would be tagged as pure Python code, which runs anywhere."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        machine = re.sub(r"[-.]", "_", sysconfig.get_platform())
        build_data["tag"] = f"py3-none-{machine}"
        build_data["pure_python"] = False
