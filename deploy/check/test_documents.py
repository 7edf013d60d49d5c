"""Each command of docs/deploy.md is run by a test or listed with a reason; its files exist."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

import debian_root
from documented import DOCUMENT, command, commands
from places import DEPLOY, REPOSITORY
from programs import need, run

CHECKS = Path(__file__).parent

#: Commands that no test runs literally, with the reasons.
NOT_RUN = {
    "docker run": "takes a Docker daemon",
    "docker build": "takes a Docker daemon; its tag is compared with the manifests'",
    "kubectl apply": "takes a cluster; the files are validated",
    "helm upgrade": "takes a cluster; the chart is rendered with the values that are set",
}


def test_every_command_is_run_by_a_check_or_known_not_to_be() -> None:
    checks = "".join(path.read_text() for path in CHECKS.glob("*.py"))
    asked = re.findall(r"""(?:command|documented)\(\s*["']([^"']+)["']""", checks)
    for line in commands():
        beginnings = [*asked, *NOT_RUN]
        assert any(line.startswith(beginning) for beginning in beginnings), line


def test_no_exception_is_left_over() -> None:
    for beginning in NOT_RUN:
        assert any(line.startswith(beginning) for line in commands()), beginning


def test_the_checks_are_of_a_server_that_was_built_as_documented() -> None:
    script = (CHECKS / "run.sh").read_text()
    assert command("swift build") in script
    assert command("make dist") in script


@pytest.mark.parametrize(
    "line",
    [
        command("install -D -m 0644 deploy/prometheus"),
        command("install -D -m 0644 deploy/grafana"),
    ],
    ids=["prometheus", "grafana"],
)
def test_a_file_is_copied_where_its_reader_looks(line: str, tmp_path: Path) -> None:
    """On a separate root filesystem, so that this machine is not changed."""
    root = debian_root.make(tmp_path / "root")
    shutil.copytree(DEPLOY, root / "source/deploy")
    run(need("chroot"), root, "sh", "-c", f"cd /source && {line}")
    source, place = line.split()[-2:]
    assert (root / place.lstrip("/")).read_bytes() == (REPOSITORY / source).read_bytes()


def test_every_file_of_a_command_is_there() -> None:
    for path in re.findall(r"\bdeploy/[a-z./_-]+\b", "\n".join(commands())):
        assert (REPOSITORY / path).exists(), path


def test_every_folder_of_the_table_is_there() -> None:
    head = DOCUMENT.read_text().partition("## The model")[0]
    folders = set(re.findall(r"`deploy/(\w+)`", head))
    assert folders
    assert all((DEPLOY / folder).is_dir() for folder in folders)
