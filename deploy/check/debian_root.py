"""Root filesystems of Debian, made from packages by mmdebstrap and cached between runs."""

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
    """Returns a minimal Debian with these packages as a tar file; skips the test if impossible."""
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
    """Unpacks a minimal Debian with these packages into a folder; skips the test if impossible."""
    file = archive(packages, suite)
    root.mkdir()
    run("tar", "--extract", "--file", file, "--directory", root)
    return root


@contextmanager
def processes(root: Path) -> Iterator[None]:
    """Mounts /proc of this machine in the root filesystem, because programs expect it."""
    run("mount", "-t", "proc", "proc", root / "proc")
    try:
        yield
    finally:
        run("umount", root / "proc")


def dependencies(package: Path) -> list[str]:
    """Returns the names of the packages on which a package depends."""
    field = run("dpkg-deb", "--field", package, "Depends")
    return [re.split(r"[ (]", entry.strip())[0] for entry in field.split(",")]
