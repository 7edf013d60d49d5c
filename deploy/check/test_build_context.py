"""Docker's build context contains every target of the Swift package, and little else."""

from __future__ import annotations

import re
from pathlib import Path

from docker.utils.build import exclude_paths

from places import DEPLOY, REPOSITORY

BYTES_MAX = 4 << 20


def sent() -> list[str]:
    """Returns the files that .dockerignore keeps, as Docker's own client reads it."""
    patterns = (DEPLOY / "docker/Dockerfile.dockerignore").read_text().splitlines()
    rules = [line for line in patterns if line and not line.startswith("#")]
    return [path for path in exclude_paths(str(REPOSITORY), rules) if (REPOSITORY / path).is_file()]


def targets() -> set[str]:
    """Returns the folders of the package's targets."""
    manifest = (REPOSITORY / "Package.swift").read_text()
    declared = re.findall(r'\.(\w*[tT]arget|systemLibrary)\(\s*name: "(\w[^"]*)"([^)]*)', manifest)
    return {
        path[1]
        if (path := re.search(r'path: "([^"]+)"', rest))
        else f"{'Tests' if kind == 'testTarget' else 'Sources'}/{name}"
        for kind, name, rest in declared
    }


def test_every_target_is_sent() -> None:
    assert "Sources/scimult" in targets()
    folders = {str(folder) for path in sent() for folder in Path(path).parents}
    assert targets() <= folders


def test_what_the_image_copies_is_sent() -> None:
    assert {"Package.swift", "deploy/docker/healthcheck"} <= set(sent())


def test_little_else_is_sent() -> None:
    paths = sent()
    assert sum((REPOSITORY / path).stat().st_size for path in paths) < BYTES_MAX
    assert not any(path.startswith((".git", ".build", ".venv")) for path in paths)
