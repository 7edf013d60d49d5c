"""Root filesystems of Debian, made of its packages by mmdebstrap and kept between runs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from places import CACHE
from programs import need, need_root, run

SUITE = "bookworm"
NEWER_SUITE = "trixie"


def archive(packages: Sequence[str] = (), suite: str = SUITE) -> Path:
    """A minimal Debian with these packages, as a tar file; skips where that cannot be made."""
    need_root()
    mmdebstrap = need("mmdebstrap")
    names = ",".join(sorted(packages))
    file = CACHE / f"debian-{sha256(f'{suite} {names}'.encode()).hexdigest()[:12]}.tar"
    if not file.is_file():
        file.parent.mkdir(exist_ok=True)
        part = file.with_suffix(".part.tar")
        include = [f"--include={names}"] if names else []
        run(mmdebstrap, "--quiet", "--variant=minbase", *include, suite, part)
        part.rename(file)
    return file


def make(root: Path, packages: Sequence[str] = (), suite: str = SUITE) -> Path:
    """Lays a minimal Debian with these packages in a folder; skips where that cannot be."""
    file = archive(packages, suite)
    root.mkdir()
    run("tar", "--extract", "--file", file, "--directory", root)
    return root


@contextmanager
def processes(root: Path) -> Iterator[None]:
    """Shows this machine's processes in the root's /proc, as programs expect there."""
    run("mount", "-t", "proc", "proc", root / "proc")
    try:
        yield
    finally:
        run("umount", root / "proc")


def dependencies(package: Path) -> list[str]:
    """The names of the packages that one depends on."""
    field = run("dpkg-deb", "--field", package, "Depends")
    return [re.split(r"[ (]", entry.strip())[0] for entry in field.split(",")]
