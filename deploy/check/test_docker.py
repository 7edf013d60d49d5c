"""The image: linted, and the server runs on the packages that it installs and nothing else.

Where no Docker daemon answers nothing is built: its last stage is laid out by mmdebstrap, from the
Dockerfile's own words.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest
from docker.utils.build import exclude_paths

import debian_root
from dockerfile import Dockerfile
from harness.calls import encode
from harness.fixtures import StartServer
from harness.server import ServerProcess
from places import DEPLOY, REPOSITORY
from programs import need, need_root, run
from scimult._generated import scimult_pb2 as pb

HEALTHCHECK = DEPLOY / "docker/healthcheck"
#: What is there in every Debian.
BASE = {"libc6"}


def request() -> pb.EncodeRequest:
    return pb.EncodeRequest(documents=[pb.Document(text="cells")], task=pb.TASK_SEARCH)


def swift_folder(libraries: dict[str, Path]) -> Path | None:
    """Where Swift's own libraries are, where the program is linked with them."""
    return libraries["libswiftCore.so"].parent if "libswiftCore.so" in libraries else None


def linked_libraries(binary: Path) -> dict[str, Path]:
    """The shared libraries of a program, by name."""
    found = re.findall(r"(\S+) => (/\S+)", run("ldd", binary))
    return {name: Path(path) for name, path in found}


def owner(library: Path) -> str:
    """The Debian package that a library is of."""
    for path in (library, library.resolve(), Path("/usr", *library.parts[1:])):
        found = subprocess.run(["dpkg", "-S", path], capture_output=True, text=True, check=False)
        if found.returncode == 0:
            return found.stdout.split(":")[0]
    raise AssertionError(f"{library} is of no package")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def health(admin: str) -> subprocess.CompletedProcess[str]:
    """What the image's health check says of an admin address."""
    return subprocess.run(
        [HEALTHCHECK],
        env={"PATH": os.environ["PATH"], "SCIMULT_ADMIN": admin},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def admin_of(server: ServerProcess) -> str:
    """Where a server's admin port is."""
    assert server.admin is not None
    return server.admin


def test_hadolint_finds_nothing_to_say() -> None:
    run(need("hadolint"), DEPLOY / "docker/Dockerfile")


def test_the_image_installs_exactly_what_the_program_is_linked_with(
    scimult: Path, dockerfile: Dockerfile
) -> None:
    need("dpkg")
    libraries = linked_libraries(scimult)
    swift = swift_folder(libraries)
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


def test_the_builder_gets_every_target_of_the_package_and_little_else() -> None:
    patterns = (DEPLOY / "docker/Dockerfile.dockerignore").read_text().splitlines()
    rules = [line for line in patterns if line and not line.startswith("#")]
    sent = [path for path in exclude_paths(str(REPOSITORY), rules) if (REPOSITORY / path).is_file()]
    folders = {str(folder) for path in sent for folder in Path(path).parents}
    for target in targets():
        assert target in folders, f"{target} is not sent to the builder"
    assert {"Package.swift", "deploy/docker/healthcheck"} <= set(sent)
    assert sum((REPOSITORY / path).stat().st_size for path in sent) < 4 << 20
    assert not any(path.startswith((".git", ".build", ".venv")) for path in sent)


def targets() -> set[str]:
    """The folders of the package's targets."""
    manifest = (REPOSITORY / "Package.swift").read_text()
    declared = re.findall(r'\.(\w*[tT]arget|systemLibrary)\(\s*name: "(\w[^"]*)"([^)]*)', manifest)
    return {
        path[1]
        if (path := re.search(r'path: "([^"]+)"', rest))
        else f"{'Tests' if kind == 'testTarget' else 'Sources'}/{name}"
        for kind, name, rest in declared
    }


class TestHealthCheck:
    def test_passes_while_the_server_lives(self, server: ServerProcess) -> None:
        outcome = health(admin_of(server))
        assert (outcome.returncode, outcome.stderr) == (0, "")

    def test_asks_loopback_where_the_server_listens_everywhere(self, server: ServerProcess) -> None:
        assert health(f"0.0.0.0:{admin_of(server).rpartition(':')[2]}").returncode == 0

    def test_asks_ipv6(self, start_server: StartServer) -> None:
        if not Path("/proc/net/if_inet6").exists():
            pytest.skip("no IPv6 on this machine")
        server = start_server(admin="[::1]:0")
        port = admin_of(server).rpartition(":")[2]
        assert health(f"[::1]:{port}").returncode == 0
        assert health(f"[::]:{port}").returncode == 0

    def test_fails_where_nobody_answers(self) -> None:
        assert health(f"127.0.0.1:{free_port()}").returncode == 1

    def test_fails_where_another_server_answers(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(10)
            port = listener.getsockname()[1]
            check = subprocess.Popen(
                [HEALTHCHECK],
                env={"PATH": os.environ["PATH"], "SCIMULT_ADMIN": f"127.0.0.1:{port}"},
                stderr=subprocess.PIPE,
                text=True,
            )
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 404 Not Found\r\n\r\n")
                _, errors = check.communicate(timeout=30)
        assert check.returncode == 1
        assert "404" in errors

    def test_says_what_to_do_without_an_admin_port(self) -> None:
        outcome = health("off")
        assert outcome.returncode == 1
        assert "--no-healthcheck" in outcome.stderr


@contextmanager
def read_only(root: Path) -> Iterator[None]:
    """Makes a folder read-only, as `docker run --read-only` does, with /proc in it."""
    run("mount", "--bind", root, root)
    try:
        run("mount", "-t", "proc", "proc", root / "proc")
        run("mount", "-o", "remount,bind,ro", root)
        yield
    finally:
        run("umount", "--recursive", root)


def test_the_server_runs_on_the_last_stage_alone(
    scimult: Path, dockerfile: Dockerfile, tiny_expert: Path, package: Path, tmp_path: Path
) -> None:
    """As user 65532 without capabilities, on a root that nobody can write to."""
    need_root()
    setpriv = need("setpriv")
    root = debian_root.make(tmp_path / "root", dockerfile.packages(-1))
    # The program where the image has it, with Swift's libraries where it is linked with them.
    run("dpkg-deb", "--extract", package, root)
    shutil.copy(HEALTHCHECK, root / "usr/bin/healthcheck")
    shutil.copytree(tiny_expert, root / "model")
    # Temporary folders of tests are for their owner alone.
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)

    user, group = dockerfile.last("USER").split(":")
    confined = [
        *("chroot", str(root), "/usr/bin/" + Path(setpriv).name),
        *(f"--reuid={user}", f"--regid={group}", "--clear-groups"),
        *("--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"),
    ]
    admin = f"127.0.0.1:{free_port()}"
    addresses = {"SCIMULT_LISTEN": "127.0.0.1:0", "SCIMULT_ADMIN": admin}
    environment = {**dockerfile.environment(), **addresses}
    with read_only(root):
        server = ServerProcess(Path("/usr/bin/scimult"), [], environment, launcher=confined)
        try:
            status = Path(f"/proc/{server.process.pid}/status").read_text()
            assert re.search(rf"^Uid:\t{user}\t{user}\t{user}\t{user}$", status, re.MULTILINE)
            assert re.search(r"^CapEff:\t0+$", status, re.MULTILINE)
            with server.channel() as channel:
                assert len(encode(channel, request()).embeddings) == 1
            variables = ("env", f"SCIMULT_ADMIN={admin}")
            run(*confined, *variables, "/usr/bin/healthcheck")
            run(*confined, "/bin/sh", "-c", "touch /tmp/written", codes=(1,))
        finally:
            server.stop()


def test_docker_builds_and_runs_the_image(tiny_expert: Path) -> None:
    docker = need("docker")
    if subprocess.run([docker, "info"], capture_output=True, check=False).returncode != 0:
        pytest.skip("no Docker daemon answers")
    run(docker, "build", "-f", DEPLOY / "docker/Dockerfile", "-t", "scimult:check", REPOSITORY)
    port = free_port()
    model = f"{tiny_expert}:/model:ro"
    restrictions = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")
    publish = ("-p", f"127.0.0.1:{port}:50051", "-v", model)
    name = run(docker, "run", "--rm", "-d", *restrictions, *publish, "scimult:check").strip()
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            grpc.channel_ready_future(channel).result(timeout=60)
            assert len(encode(channel, request()).embeddings) == 1
    finally:
        run(docker, "stop", name)
