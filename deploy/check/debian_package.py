"""The server's Debian package, as docs/deploy.md builds it."""

from __future__ import annotations

from pathlib import Path

from documented import command
from places import REPOSITORY
from programs import need, run


def build_package(scimult: Path, version: str, folder: Path) -> Path:
    """Builds the package of a binary in a folder."""
    for program in ("dpkg-deb", "dpkg-shlibdeps", "strip", "patchelf"):
        need(program)
    name = f"scimult_{version}_amd64.deb"
    changes = {
        ".build-static/release/scimult": str(scimult),
        " 0.1.0 ": f" {version} ",
        "scimult_0.1.0_amd64.deb": str(folder / name),
    }
    line = command("deploy/debian/build.sh", changes)
    run("bash", "-c", line, cwd=REPOSITORY)
    return folder / name
