"""docs/deploy.md: a check runs each of its commands, or says why not; its links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

from documented import DOCUMENT, blocks, commands
from places import DEPLOY, REPOSITORY

CHECKS = Path(__file__).parent

#: What no check runs as it stands, and why.
NOT_RUN = {
    "docker run": "takes a Docker daemon",
    "docker build": "takes a Docker daemon; its tag is compared with the manifests'",
    "swift build": "`make deploy-check` runs it before the checks",
    "kubectl apply": "takes a cluster; the files are validated",
    "helm upgrade": "takes a cluster; the chart is rendered with the values that are set",
    "scimult convert": "run with the tests' model",
    "apt-get install": "run with the packages that the check has built",
    "install -D -m 0644 deploy/grafana": "copies a file for Grafana",
}


def test_every_command_is_run_by_a_check_or_known_not_to_be() -> None:
    checks = "".join(path.read_text() for path in CHECKS.glob("*.py") if path != Path(__file__))
    asked = re.findall(r'(?:command|documented)\(\s*"([^"]+)"', checks)
    for line in commands():
        beginnings = [*asked, *NOT_RUN]
        assert any(line.startswith(beginning) for beginning in beginnings), line


def test_no_exception_is_left_over() -> None:
    for beginning in NOT_RUN:
        assert any(line.startswith(beginning) for line in commands()), beginning


def test_every_file_of_a_command_is_there() -> None:
    for path in re.findall(r"\bdeploy/[a-z./_-]+\b", "".join(blocks())):
        assert (REPOSITORY / path).exists(), path


def test_every_folder_of_the_table_is_there() -> None:
    head = DOCUMENT.read_text().partition("## The model")[0]
    folders = set(re.findall(r"`deploy/(\w+)`", head))
    assert folders
    assert all((DEPLOY / folder).is_dir() for folder in folders)


def test_every_link_leads_somewhere() -> None:
    for target, anchor in re.findall(r"\]\(([\w.]*)#?([\w-]*)\)", DOCUMENT.read_text()):
        page = DOCUMENT.parent / target if target else DOCUMENT
        assert page.is_file(), target
        headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
        anchors = {
            re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings
        }
        assert not anchor or anchor in anchors, f"{target}#{anchor}"
