"""Uses the server's harness of the end-to-end tests, and builds the package once for all tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import debian_root
from booted_debian import BootedDebian
from debian_package import build_package
from dockerfile import Dockerfile
from documented import command
from places import DEPLOY
from programs import run

pytest_plugins = ["harness.fixtures"]


@pytest.fixture(scope="session")
def dockerfile() -> Dockerfile:
    """The Dockerfile, in stages and instructions."""
    return Dockerfile(DEPLOY / "docker/Dockerfile")


@pytest.fixture(scope="session")
def package(scimult: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The server's Debian package."""
    return build_package(scimult, "0.1.0", tmp_path_factory.mktemp("package"))


@pytest.fixture(scope="session")
def model(scimult: Path, tiny_expert: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tests' model as one file, converted by the command of docs/deploy.md."""
    folder = tmp_path_factory.mktemp("model")
    for place, target in (("models/scimult", tiny_expert), ("bin/scimult", scimult)):
        (folder / place).parent.mkdir()
        (folder / place).symlink_to(target)
    path = f"{folder / 'bin'}:/usr/bin:/bin"
    run("bash", "-c", command("scimult convert"), cwd=folder, environment={"PATH": path})
    return folder / "model.scimult"


@pytest.fixture
def booted_debian(tmp_path: Path, package: Path) -> Iterator[BootedDebian]:
    """A Debian booted by systemd, with the package's dependencies and without Swift."""
    root = debian_root.make(tmp_path / "root", ["systemd", *debian_root.dependencies(package)])
    with BootedDebian(root) as debian:
        yield debian
