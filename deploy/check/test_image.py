"""The image, built by buildah: the server runs with only the packages that it installs."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import image
import linked
from dockerfile import Dockerfile
from harness.calls import encode
from harness.server import ServerProcess
from programs import need, need_root, run
from service import REQUEST


@contextmanager
def read_only(root: Path) -> Iterator[None]:
    """Mounts a folder read-only with /proc in it, as `docker run --read-only` does."""
    run("mount", "--bind", root, root)
    try:
        run("mount", "-t", "proc", "proc", root / "proc")
        run("mount", "-o", "remount,bind,ro", root)
        yield
    finally:
        run("umount", "--recursive", root)


def test_the_image_is_built_and_the_server_runs_on_it_alone(
    scimult: Path, dockerfile: Dockerfile, model: Path, tmp_path: Path
) -> None:
    """With its user and command, without capabilities, on a read-only root filesystem."""
    need_root()
    if linked.swift_folder(scimult):
        pytest.skip("the image takes a program that is linked with --static-swift-stdlib")
    with image.built(dockerfile, scimult, tmp_path) as made:
        shutil.copy(model, made.root / "model")
        runs_alone(made)


def runs_alone(made: image.Image) -> None:
    """Runs the image's server as `docker run --read-only --cap-drop ALL` does, and calls it."""
    setpriv = need("setpriv")
    root, configuration = made.root, made.configuration
    [program] = configuration["Entrypoint"]
    assert configuration["Cmd"] == ["serve"]
    user, group = configuration["User"].split(":")
    confined = [
        *("chroot", str(root), "/usr/bin/" + Path(setpriv).name),
        *(f"--reuid={user}", f"--regid={group}", "--clear-groups"),
        *("--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"),
    ]
    addresses = {"SCIMULT_LISTEN": "127.0.0.1:0", "SCIMULT_ADMIN": "127.0.0.1:0"}
    environment = {**dict(word.split("=", 1) for word in configuration["Env"]), **addresses}
    with read_only(root):
        server = ServerProcess(Path(program), [], environment, launcher=confined)
        try:
            status = Path(f"/proc/{server.process.pid}/status").read_text()
            assert re.search(rf"^Uid:\t{user}\t{user}\t{user}\t{user}$", status, re.MULTILINE)
            assert re.search(r"^CapEff:\t0+$", status, re.MULTILINE)
            with server.channel() as channel:
                assert len(encode(channel, REQUEST).embeddings) == 1
            [_, health_check] = configuration["Healthcheck"]["Test"]
            run(*confined, "env", f"SCIMULT_ADMIN={server.admin}", health_check)
            run(*confined, "/bin/sh", "-c", "touch /tmp/written", codes=(1,))
        finally:
            server.stop()
