"""The results of `make dist` serve on a machine without Swift, a compiler or other libraries."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tarfile
from pathlib import Path
from time import monotonic

import pytest

import debian_root
from booted_debian import BootedDebian
from documented import DOCUMENT, command
from harness.calls import encode
from harness.document_blocks import blocks
from harness.server import ServerProcess
from places import REPOSITORY
from programs import need, run
from service import REQUEST, answer

DIST = REPOSITORY / "dist"
#: The maximum time from the first command to the first answer.
SECONDS_MAX = 60
#: The version in Debian 12.
GLIBC_MAX = (2, 36)
GLIBC = r"(ld-linux-.*|lib(c|dl|m|pthread|resolv|rt|util))\.so\.\d"


def made(pattern: str) -> Path:
    """Returns the only file in dist/ that matches; skips the test without it."""
    found = list(DIST.glob(pattern))
    if not found:
        pytest.skip(f"dist/{pattern} is not there: make dist makes it")
    [path] = found
    return path


@pytest.fixture(scope="session")
def wheel() -> Path:
    return made("scimult_server-*.whl")


@pytest.fixture(scope="session")
def archive() -> Path:
    return made("scimult-*.tar.gz")


@pytest.fixture(scope="session")
def unpacked(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpacks the archive's one folder as in docs/deploy.md."""
    folder = tmp_path_factory.mktemp("archive")
    (folder / "dist").symlink_to(DIST)
    run("sh", "-c", command("tar "), cwd=folder)
    return folder / archive.name.removesuffix(".tar.gz")


def version(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


def test_the_program_is_linked_with_glibc_alone(unpacked: Path) -> None:
    shown = run(need("readelf"), "--dynamic", unpacked / "scimult")
    needed = re.findall(r"\(NEEDED\).*\[(.+)\]", shown)
    assert "libc.so.6" in needed
    assert [name for name in needed if not re.fullmatch(GLIBC, name)] == []


def test_the_oldest_glibc_is_named(unpacked: Path, wheel: Path) -> None:
    """The archive's text and the wheel's tag agree with the symbols."""
    symbols = run(need("objdump"), "--dynamic-syms", unpacked / "scimult")
    newest = max(version(found) for found in re.findall(r"\bGLIBC_([\d.]+)", symbols))
    assert newest <= GLIBC_MAX
    named = re.search(r"glibc ([\d.]+) or newer", (unpacked / "README.md").read_text())
    assert named and version(named[1]) == newest
    assert f"glibc {named[1]} or newer" in DOCUMENT.read_text()
    tag = re.search(r"-py3-none-manylinux_(\d+)_(\d+)_", wheel.name)
    assert tag and (int(tag[1]), int(tag[2])) == newest


def test_the_archive_tells_nothing_of_who_made_it(archive: Path) -> None:
    """Its bytes depend only on its contents."""
    with tarfile.open(archive) as tar:
        members = tar.getmembers()
    names = [member.name for member in members]
    assert names == sorted(names)
    assert {Path(name).parent.name for name in names} == {archive.name.removesuffix(".tar.gz")}
    assert {(member.uid, member.gid, member.uname, member.gname) for member in members} == {
        (0, 0, "", "")
    }
    assert len({member.mtime for member in members}) == 1
    programs = [Path(member.name).name for member in members if member.mode & 0o111]
    assert programs == ["scimult"]


def test_what_is_inside_comes_with_its_licence(unpacked: Path) -> None:
    text = (unpacked / "THIRD-PARTY-LICENSES").read_text()
    parts = re.findall(r"^=+\n(.+)\n=+$", text, re.MULTILINE)
    resolved = json.loads((REPOSITORY / "Package.resolved").read_text())["pins"]
    packages = {f"{pin['identity']} {pin['state']['version']}" for pin in resolved}
    assert packages <= set(parts)
    assert {"libnghttp2.a", "libprotobuf-c.a", "libz.a", "libstdc++.a"} <= set(parts)
    assert "Runtime Library Exception" in text
    assert "Jean-loup Gailly" in text
    assert (unpacked / "LICENSE").read_bytes() == (REPOSITORY / "LICENSE").read_bytes()


def test_the_wheel_and_the_client_share_an_environment(wheel: Path, tmp_path: Path) -> None:
    """Neither overwrites a file of the other."""
    environment = tmp_path / "environment"
    run(sys.executable, "-m", "venv", environment)
    pip = (environment / "bin/pip", "--disable-pip-version-check")
    run(*pip, "install", "--no-deps", wheel, REPOSITORY / "clients/python")
    list_files = "from importlib import metadata; import sys; print(*metadata.files(sys.argv[1]))"
    files = {
        name: set(run(environment / "bin/python", "-c", list_files, name).split())
        for name in ("scimult", "scimult-server")
    }
    assert "../../../bin/scimult-client" in files["scimult"]
    assert "../../../bin/scimult" in files["scimult-server"]
    assert not files["scimult"] & files["scimult-server"]


def first_commands() -> list[str]:
    """Returns README's commands, from `make dist` to the next empty line."""
    [block] = [
        block.text for block in blocks(REPOSITORY / "README.md", "sh") if "make dist" in block.text
    ]
    quickest = block.partition("make dist")[2].partition("\n\n")[0]
    return [line.split(" # ")[0].strip() for line in quickest.splitlines()[1:]]


@pytest.mark.parametrize("suite", [debian_root.SUITE, debian_root.NEWER_SUITE])
def test_where_only_python_is_the_wheel_serves_within_a_minute(
    suite: str, wheel: Path, model: Path, tmp_path: Path
) -> None:
    root = debian_root.make(tmp_path / "root", ["python3", "python3-venv"], suite)
    programs = os.pathsep.join(str(root / folder) for folder in ("usr/bin", "usr/local/bin"))
    assert not any(shutil.which(name, path=programs) for name in ("cc", "gcc", "clang", "swift"))
    (root / "dist").mkdir()
    shutil.copy(wheel, root / "dist")
    shutil.copy(model, root / "MODEL")
    install, serve = first_commands()

    environment = {
        "PATH": "/environment/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "SCIMULT_LISTEN": "127.0.0.1:0",
        "SCIMULT_ADMIN": "127.0.0.1:0",
    }
    chroot = [need("chroot"), str(root)]
    with debian_root.processes(root):
        began = monotonic()
        run(*chroot, "python3", "-m", "venv", "/environment", environment=environment)
        run(*chroot, "sh", "-c", install, environment=environment)
        program, _, *options = serve.split()
        server = ServerProcess(Path(program), options, environment, launcher=chroot)
        try:
            with server.channel() as channel:
                assert len(encode(channel, REQUEST).embeddings) == 1
            taken = monotonic() - began
        finally:
            server.stop()
    print(f"{suite}: {taken:.1f} s from the first command to the first answer")
    assert taken <= SECONDS_MAX


def test_the_documented_environment_has_the_program(wheel: Path, tmp_path: Path) -> None:
    (tmp_path / "dist").symlink_to(DIST)
    for step in (command("python3 -m venv"), command(".venv/bin/pip install")):
        run("sh", "-c", step, cwd=tmp_path)
    program, _, *options = command(".venv/bin/scimult serve").split()
    said = run(tmp_path / program, "serve", "--help")
    assert all(option in said for option in options if option.startswith("--"))
    assert run(tmp_path / program, "--version").split()[1] == wheel.name.split("-")[1]


def test_the_archives_service_answers(archive: Path, model: Path, tmp_path: Path) -> None:
    """Installed as in the archive's README, on a minimal Debian with systemd."""
    root = debian_root.make(tmp_path / "root", ["systemd"])
    source = root / "source"
    (source / "dist").mkdir(parents=True)
    shutil.copy(archive, source / "dist")
    (root / "var/lib/scimult").mkdir()
    shutil.copy(model, root / "var/lib/scimult/model.scimult")

    with BootedDebian(root) as debian:
        debian.run("sh", "-c", f"cd /source && {command('tar ')}")
        folder = source / archive.name.removesuffix(".tar.gz")
        [service] = [
            block.text for block in blocks(folder / "README.md", "sh") if "install " in block.text
        ]
        files, _, start = service.partition("systemctl daemon-reload")
        ports = "sed -i 's/:50051$/:0/; s/:8080$/:0/' /etc/default/scimult"
        steps = [f"cd /source/{folder.name}", files, ports, f"systemctl daemon-reload{start}"]
        debian.run("sh", "-e", "-c", "\n".join(steps))
        answer(debian)
        assert debian.run("/usr/local/bin/scimult", "--version").split()[1] in archive.name
