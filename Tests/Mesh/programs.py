"""Where the proxies' programs are."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]

#: What `scripts/mesh.sh` fills.
TOOLS = REPOSITORY / ".tools"
ENVOY = REPOSITORY / ".venv-mesh/bin/envoy"


@dataclass(frozen=True)
class Program:
    """An executable, and what its environment must hold."""

    path: Path
    environment: Mapping[str, str]


def find(name: str) -> Program:
    """The program that ENVOY_BIN, NGINX_BIN or HAPROXY_BIN names, or that is there otherwise."""
    variable = f"{name.upper()}_BIN"
    fetched = ENVOY if name == "envoy" else TOOLS / name
    installed = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    named = os.environ.get(variable)
    path = Path(named or (installed if installed and not fetched.is_file() else fetched))
    if not path.is_file():
        raise FileNotFoundError(
            f"{path} is not there: run scripts/mesh.sh, which fetches it, or set {variable}"
        )
    # What a program needs that was taken out of its package lies beside it.
    libraries = path.parent / "lib"
    return Program(path, {"LD_LIBRARY_PATH": str(libraries)} if libraries.is_dir() else {})
