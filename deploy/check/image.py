"""Builds the last stage of the Dockerfile with buildah, without a daemon and a registry."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import debian_root
from dockerfile import Dockerfile
from places import DEPLOY
from programs import need, run

TAG = "scimult:check"


@dataclass(frozen=True)
class Image:
    """A built image."""

    #: Its user, ports, command and so on, in Docker's format.
    configuration: dict[str, Any]
    #: Its root filesystem, which is writable.
    root: Path


@contextmanager
def built(dockerfile: Dockerfile, binary: Path, folder: Path) -> Iterator[Image]:
    """Builds the stage with a given binary in place of the one that the first stage compiles.

    The base image is made from the Debian of the other tests, because no registry is used.
    """
    storage = ("--root", folder / "store", "--runroot", folder / "run", "--storage-driver", "vfs")
    buildah = (need("buildah"), *storage)

    empty = run(*buildah, "from", "scratch").strip()
    run(*buildah, "add", "--quiet", empty, debian_root.archive(), "/")
    base = f"docker.io/library/debian:{debian_root.SUITE}-slim"
    run(*buildah, "commit", "--quiet", "--rm", empty, base)

    context = folder / "context"
    (context / "deploy/docker").mkdir(parents=True)
    shutil.copy(DEPLOY / "docker/healthcheck", context / "deploy/docker")
    shutil.copy(binary, context / "scimult")
    arguments = "".join(f"ARG {name}={value}\n" for name, value in dockerfile.arguments.items())
    compiled = "FROM scratch AS build\nCOPY scimult /usr/local/bin/scimult\n"
    file = folder / "Dockerfile"
    file.write_text(arguments + compiled + dockerfile.last_stage)
    options = ("--isolation", "chroot", "--pull-never", "--format", "docker", "--file", file)
    run(*buildah, "build", "--quiet", *options, "--tag", TAG, context)

    described = json.loads(run(*buildah, "inspect", "--type", "image", TAG))
    container = run(*buildah, "from", "--pull-never", TAG).strip()
    root = Path(run(*buildah, "mount", container).strip())
    try:
        yield Image(described["Docker"]["config"], root)
    finally:
        run(*buildah, "umount", container)
        # Deletes a gigabyte that pytest would keep.
        for name in ("store", "run", "context"):
            shutil.rmtree(folder / name)
