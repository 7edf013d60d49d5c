"""The server's harness is that of the end-to-end tests; its package is made once for all checks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import debian_root
from booted_debian import BootedDebian
from debian_package import build_package
from dockerfile import Dockerfile
from places import DEPLOY

pytest_plugins = ["harness.fixtures"]


@pytest.fixture(scope="session")
def dockerfile() -> Dockerfile:
    """The Dockerfile, in stages and instructions."""
    return Dockerfile(DEPLOY / "docker/Dockerfile")


@pytest.fixture(scope="session")
def package(scimult: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The server's Debian package."""
    return build_package(scimult, "0.1.0", tmp_path_factory.mktemp("package"))


@pytest.fixture
def booted_debian(tmp_path: Path, package: Path) -> Iterator[BootedDebian]:
    """A booted Debian with systemd and what the server's package depends on, without Swift."""
    root = debian_root.make(tmp_path / "root", ["systemd", *debian_root.dependencies(package)])
    with BootedDebian(root) as debian:
        yield debian
