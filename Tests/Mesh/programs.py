"""The paths of the proxies' programs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]

#: The folder of `scripts/mesh.sh`.
TOOLS = REPOSITORY / ".tools"
ENVOY = REPOSITORY / ".venv-mesh/bin/envoy"


@dataclass(frozen=True)
class Program:
    """An executable with its environment."""

    path: Path
    environment: Mapping[str, str]


def find(name: str) -> Program:
    """Returns the program of ENVOY_BIN, NGINX_BIN or HAPROXY_BIN, or an installed one."""
    variable = f"{name.upper()}_BIN"
    fetched = ENVOY if name == "envoy" else TOOLS / name
    installed = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    named = os.environ.get(variable)
    path = Path(named or (installed if installed and not fetched.is_file() else fetched))
    if not path.is_file():
        raise FileNotFoundError(
            f"{path} is not there: run scripts/mesh.sh, which fetches it, or set {variable}"
        )
    # A program that was extracted from its package has its libraries next to it.
    libraries = path.parent / "lib"
    return Program(path, {"LD_LIBRARY_PATH": str(libraries)} if libraries.is_dir() else {})
