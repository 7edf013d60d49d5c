"""The Dockerfile: lint, agreement with the program, and a run if a Docker daemon answers."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import grpc
import pytest

import debian_root
import linked
from dockerfile import Dockerfile
from documented import command
from harness.calls import encode
from places import DEPLOY, REPOSITORY
from programs import need, run
from service import REQUEST

#: Packages in every Debian.
BASE = {"libc6"}


def owner(library: Path) -> str:
    """Returns the Debian package that contains a library."""
    for path in (library, library.resolve(), Path("/usr", *library.parts[1:])):
        found = subprocess.run(["dpkg", "-S", path], capture_output=True, text=True, check=False)
        if found.returncode == 0:
            return found.stdout.split(":")[0]
    raise AssertionError(f"{library} is of no package")


def test_hadolint_finds_nothing_to_say() -> None:
    run(need("hadolint"), DEPLOY / "docker/Dockerfile")


def test_the_image_installs_exactly_what_the_program_is_linked_with(
    scimult: Path, dockerfile: Dockerfile
) -> None:
    need("dpkg")
    libraries = linked.libraries(scimult)
    swift = linked.swift_folder(scimult)
    owners = {owner(path) for path in libraries.values() if path.parent != swift}
    assert set(dockerfile.packages(-1)) == owners - BASE


def test_debian_has_every_package_of_the_dockerfile(dockerfile: Dockerfile) -> None:
    apt_cache = need("apt-cache")
    for package in dockerfile.packages(0) + dockerfile.packages(-1):
        policy = run(apt_cache, "policy", package)
        assert re.search(r"Candidate: \d", policy), f"{package}: {policy or 'unknown'}"


def test_the_suite_of_the_image_is_that_of_the_checks(dockerfile: Dockerfile) -> None:
    assert dockerfile.arguments["DEBIAN"] == debian_root.SUITE


def test_the_server_is_told_to_stop_as_it_expects_and_is_not_root(dockerfile: Dockerfile) -> None:
    assert dockerfile.last("STOPSIGNAL") == "SIGTERM"
    assert dockerfile.last("USER") == "65532:65532"
    assert dockerfile.last("HEALTHCHECK").endswith('CMD ["/usr/bin/healthcheck"]')


def test_docker_builds_and_runs_the_image(model: Path) -> None:
    """By the commands of docs/deploy.md, in the background and on a free port."""
    docker = need("docker")
    if subprocess.run([docker, "info"], capture_output=True, check=False).returncode != 0:
        pytest.skip("no Docker daemon answers")
    run("bash", "-c", command("docker build"), cwd=REPOSITORY)
    changes = {
        "--rm": "--rm --detach",
        "127.0.0.1:50051:": "127.0.0.1::",
        "127.0.0.1:8080:": "127.0.0.1::",
    }
    name = run("bash", "-c", command("docker run", changes), cwd=model.parent).strip()
    try:
        address = run(docker, "port", name, "50051").strip()
        with grpc.insecure_channel(address) as channel:
            grpc.channel_ready_future(channel).result(timeout=60)
            assert len(encode(channel, REQUEST).embeddings) == 1
        run(docker, "exec", name, "/usr/bin/healthcheck")
    finally:
        run(docker, "stop", name)
