"""Root filesystems of Debian, made of its packages by mmdebstrap and kept between runs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from places import CACHE
from programs import need, need_root, run

SUITE = "bookworm"


def archive(packages: Sequence[str] = ()) -> Path:
    """A minimal Debian with these packages, as a tar file; skips where that cannot be made."""
    need_root()
    mmdebstrap = need("mmdebstrap")
    names = ",".join(sorted(packages))
    file = CACHE / f"debian-{sha256(f'{SUITE} {names}'.encode()).hexdigest()[:12]}.tar"
    if not file.is_file():
        file.parent.mkdir(exist_ok=True)
        part = file.with_suffix(".part.tar")
        include = [f"--include={names}"] if names else []
        run(mmdebstrap, "--quiet", "--variant=minbase", *include, SUITE, part)
        part.rename(file)
    return file


def make(root: Path, packages: Sequence[str] = ()) -> Path:
    """Lays a minimal Debian with these packages in a folder; skips where that cannot be."""
    file = archive(packages)
    root.mkdir()
    run("tar", "--extract", "--file", file, "--directory", root)
    return root


def dependencies(package: Path) -> list[str]:
    """The names of the packages that one depends on."""
    field = run("dpkg-deb", "--field", package, "Depends")
    return [re.split(r"[ (]", entry.strip())[0] for entry in field.split(",")]
