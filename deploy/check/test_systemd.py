"""The service is confined, and the server works confined under a real systemd."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import debian_root
import linked
from booted_debian import BootedDebian
from documented import command, file_with
from harness.metrics import Metrics
from harness.server import ServerProcess
from places import DEPLOY
from programs import need, run
from service import answer, metrics

UNIT = DEPLOY / "systemd/scimult.service"
EXPOSURE_MAX = 2.0


def exposure(unit: Path) -> float:
    """Returns systemd's exposure level of a unit, from 0 to 10."""
    analyze = need("systemd-analyze")
    said = run(analyze, "security", "--offline=true", "--no-pager", unit)
    found = re.search(r"Overall exposure level for scimult.service: ([\d.]+)", said)
    assert found, said
    return float(found[1])


def test_the_service_is_confined() -> None:
    assert exposure(UNIT) <= EXPOSURE_MAX


def test_the_measure_sees_what_is_left_out(tmp_path: Path) -> None:
    """A unit without its restrictions exceeds the limit."""
    lines = UNIT.read_text().splitlines(keepends=True)
    open_unit = tmp_path / "scimult.service"
    kept = [line for line in lines if not re.match(r"(Protect|Private|Restrict|Capab)", line)]
    open_unit.write_text("".join(kept))
    assert exposure(open_unit) > EXPOSURE_MAX


def test_systemd_understands_every_line(tmp_path: Path) -> None:
    analyze = need("systemd-analyze")
    unit = tmp_path / "scimult.service"
    # Neither the program nor its manual needs to be installed here.
    text = UNIT.read_text().replace("ExecStart=scimult", "ExecStart=/bin/true")
    unit.write_text(re.sub(r"^Documentation=.*\n", "", text, flags=re.MULTILINE))
    assert run(analyze, "verify", unit) == ""


def number(pattern: str, text: str) -> int:
    """Returns the number in a text that a pattern finds."""
    found = re.search(pattern, text, re.MULTILINE | re.DOTALL)
    assert found, pattern
    return int(found[1])


def test_the_stop_has_more_time_than_the_drain(scimult: Path) -> None:
    said = run(scimult, "serve", "--help")
    drain = number(r"--drain-seconds <N>.*?\(default:\s+(\d+)\)", said)
    assert number(r"^TimeoutStopSec=(\d+)$", UNIT.read_text()) > drain


def test_every_setting_is_an_option_of_serve(scimult: Path) -> None:
    options = set(re.findall(r"--([a-z-]+)", run(scimult, "serve", "--help")))
    settings = (DEPLOY / "systemd/scimult.default").read_text()
    for variable in re.findall(r"SCIMULT_([A-Z_]+)", settings):
        assert variable.lower().replace("_", "-") in options


def test_installed_by_hand_the_service_answers(
    scimult: Path, model: Path, package: Path, server: ServerProcess, tmp_path: Path
) -> None:
    """As in docs/deploy.md, within its limits, in a Debian booted by systemd."""
    root = debian_root.make(tmp_path / "root", ["systemd", *debian_root.dependencies(package)])
    source = root / "source"
    (source / ".build-static/release").mkdir(parents=True)
    shutil.copy(scimult, source / ".build-static/release/scimult")
    shutil.copytree(DEPLOY / "systemd", source / "deploy/systemd")
    shutil.copy(model, source / "model.scimult")
    limits = root / "etc/systemd/system/scimult.service.d/override.conf"
    limits.parent.mkdir(parents=True)
    limits.write_text(file_with("CPUQuota", "ini"))
    # A binary that links Swift's libraries dynamically needs them at the same path.
    swift = linked.swift_folder(scimult)
    options = [f"--bind-ro={swift}"] if swift else []

    with BootedDebian(root, *options) as debian:
        steps = [
            command("install -D -m 0755 .build-static"),
            command("install -D -m 0644 deploy/systemd/scimult.default"),
            "sed -i 's/:50051$/:0/; s/:8080$/:0/' /etc/default/scimult",
            command("install -D -m 0644 deploy/systemd/scimult.service"),
            command("install -D -m 0644 model.scimult"),
            command("systemctl daemon-reload"),
            command("systemctl enable --now scimult"),
        ]
        debian.run("sh", "-e", "-c", "\n".join(["cd /source", *steps]))
        answer(debian)
        confined(debian)
        limited(debian)
        unimpeded(debian, Metrics.of(server))
        reload_leaves_it_running(debian)
        debian.run("systemctl", "stop", "scimult")
        state = debian.properties("scimult", "Result", "ActiveState", "ExecMainStatus")
        assert state == {"Result": "success", "ActiveState": "inactive", "ExecMainStatus": "0"}


def confined(debian: BootedDebian) -> None:
    """Asserts the process's restrictions: not root, no capabilities, no writable folder."""
    process = debian.properties("scimult", "MainPID")["MainPID"]
    status = dict(
        line.split(":\t", 1)
        for line in debian.run("cat", f"/proc/{process}/status").splitlines()
        if ":\t" in line
    )
    assert "0" not in status["Uid"].split()
    assert set(status["CapEff"]) == set(status["CapBnd"]) == {"0"}
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    mounts = debian.run("cat", f"/proc/{process}/mountinfo")
    root = next(line.split() for line in mounts.splitlines() if line.split()[4] == "/")
    assert "ro" in root[5].split(",")


def unimpeded(debian: BootedDebian, elsewhere: Metrics) -> None:
    """Asserts that the confined server has the same kernels and metrics as an unconfined one."""
    here = metrics(debian)
    assert {family.name for family in here.families} == {
        family.name for family in elsewhere.families
    }
    assert kernels(here) == kernels(elsewhere)


def kernels(shown: Metrics) -> str:
    """Returns the name of the kernels in a server's metrics."""
    [labels] = [labels for name, labels in shown.samples if name == "scimult_build_info"]
    return dict(labels)["kernels"]


def limited(debian: BootedDebian) -> None:
    """Asserts that systemd applied the limits."""
    taken = debian.properties("scimult", "CPUQuotaPerSecUSec", "MemoryMax")
    assert taken == {"CPUQuotaPerSecUSec": "2s", "MemoryMax": str(1 << 30)}


def reload_leaves_it_running(debian: BootedDebian) -> None:
    before = debian.properties("scimult", "MainPID")
    debian.run("systemctl", "reload", "scimult")
    answer(debian)
    assert debian.properties("scimult", "MainPID") == before
