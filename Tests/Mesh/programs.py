"""Where the proxies' programs are."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]

#: What `scripts/setup.sh --mesh` fills.
TOOLS = REPOSITORY / ".tools"
ENVOY = REPOSITORY / ".venv-mesh/bin/envoy"


@dataclass(frozen=True)
class Program:
    """An executable, and what its environment must hold."""

    path: Path
    environment: Mapping[str, str]


def find(name: str) -> Program:
    """The program that ENVOY_BIN, NGINX_BIN or HAPROXY_BIN names, or that the set-up brought."""
    named = os.environ.get(f"{name.upper()}_BIN")
    known = [Path(named)] if named else [ENVOY if name == "envoy" else TOOLS / name]
    on_path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    candidates = [*known, *([Path(on_path)] if on_path and not named else [])]
    for path in candidates:
        if path.is_file():
            # What a program needs that was taken out of its package lies beside it.
            libraries = path.parent / "lib"
            own = {"LD_LIBRARY_PATH": str(libraries)} if libraries.is_dir() else {}
            return Program(path, own)
    raise FileNotFoundError(
        f"{name} is not there ({', '.join(map(str, candidates))}): run scripts/setup.sh --mesh, "
        f"or set {name.upper()}_BIN"
    )
