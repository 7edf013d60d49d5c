"""The Debian package: lintian's findings, and its lifecycle under a real systemd."""

from __future__ import annotations

import gzip
import re
import shutil
from pathlib import Path

import grpc

from booted_debian import BootedDebian
from debian_package import build_package
from documented import DOCUMENT, command, file_with
from harness.calls import encode, failure
from harness.certificates import Authority
from places import DEPLOY, REPOSITORY
from programs import need, run
from service import REQUEST, addresses, answer

#: Intentional findings of lintian.
ACCEPTED = {
    # swift-nio-extras includes a renamed zlib for its own compression.
    "embedded-library",
    # dpkg of Debian 12, the minimum version for the package, unpacks zstd. Debian's archive does
    # not accept it.
    "malformed-deb-archive",
    # The administrator enables the service with systemctl, so the package disables it in the same
    # way.
    "maintainer-script-calls-systemctl",
}


TOKEN = "a-token-of-a-test"


def manual() -> str:
    return (DEPLOY / "debian/scimult.1").read_text()


def test_lintian_finds_nothing_to_say(package: Path) -> None:
    accepted = ",".join(sorted(ACCEPTED))
    said = run(
        need("lintian"), "--allow-root", "--fail-on=none", f"--suppress-tags={accepted}", package
    )
    complaints = [line for line in said.splitlines() if re.match(r"[EW]:", line)]
    assert [line for line in complaints if "bogus-mail-host" not in line] == []


def test_the_manual_names_every_command(scimult: Path) -> None:
    listed = run(scimult, "--help").partition("SUBCOMMANDS:")[2]
    commands = set(re.findall(r"^  ([a-z]+) ", listed, re.MULTILINE))
    assert commands
    assert commands == set(re.findall(r"^\.TP\n\.B ([a-z]+)$", manual(), re.MULTILINE))


def test_the_manual_is_read_without_a_warning(tmp_path: Path) -> None:
    page = tmp_path / "scimult.1"
    page.write_text(manual())
    shown = run(need("man"), "--warnings", "--local-file", page, environment={"MANPAGER": "cat"})
    assert "warning" not in shown
    assert "serve encoders of scientific papers" in shown


def test_what_is_no_binary_is_refused(tmp_path: Path) -> None:
    build = DEPLOY / "debian/build.sh"
    said = run(build, tmp_path / "absent", "0.1.0", tmp_path / "out.deb", codes=(1,))
    assert "swift build" in said
    said = run(build, "/bin/true", "of-today", tmp_path / "out.deb", codes=(1,))
    assert "begins with a digit" in said


def test_the_changelog_is_in_the_package(package: Path, tmp_path: Path) -> None:
    run("dpkg-deb", "--extract", package, tmp_path)
    packed = gzip.decompress((tmp_path / "usr/share/doc/scimult/CHANGELOG.md.gz").read_bytes())
    assert packed == (REPOSITORY / "CHANGELOG.md").read_bytes()


def test_the_life_of_an_installation(
    booted_debian: BootedDebian, package: Path, scimult: Path, model: Path, tmp_path: Path
) -> None:
    """Installation, service, upgrade and rollback while serving, removal and purge."""
    debian = booted_debian
    newer = build_package(scimult, "0.1.1", tmp_path)
    for file in (package, newer):
        shutil.copy(file, debian.root / "root")

    debian.run("sh", "-c", f"cd /root && {command('apt-get install')}")
    assert "scimult" in debian.run("scimult", "--version")
    assert debian.properties("scimult", "ActiveState")["ActiveState"] == "inactive", "no model yet"

    shutil.copy(model, debian.root / "var/lib/scimult/model.scimult")
    settings = debian.root / "etc/default/scimult"
    settings.write_text(re.sub(r":(50051|8080)$", ":0", settings.read_text(), flags=re.MULTILINE))
    debian.run("systemctl", "enable", "--now", "scimult")
    answer(debian)

    first = debian.properties("scimult", "MainPID")
    debian.run("sh", "-c", f"cd /root && apt-get install --yes ./{newer.name}")
    second = debian.properties("scimult", "MainPID")
    assert second != first, "the service goes on with what was installed"
    answer(debian)
    assert ":0" in settings.read_text(), "settings are kept"

    rollback = f"cd /root && apt-get install --yes --allow-downgrades ./{package.name}"
    debian.run("sh", "-c", rollback)
    assert debian.properties("scimult", "MainPID") not in (first, second)
    answer(debian)

    debian.run("apt-get", "remove", "--yes", "scimult")
    state = debian.properties("scimult", "ActiveState", "Result")
    assert state["ActiveState"] == "inactive"
    assert settings.exists(), "settings stay until the purge"
    assert not (
        debian.root / "etc/systemd/system/multi-user.target.wants/scimult.service"
    ).is_symlink()
    debian.run("dpkg", "--purge", "scimult")
    assert not settings.exists()


def test_the_service_reads_secrets_of_a_group_that_it_joins(
    booted_debian: BootedDebian, package: Path, model: Path
) -> None:
    """TLS and tokens as in docs/deploy.md, in files that other users cannot read."""
    debian = booted_debian
    shutil.copy(package, debian.root / "root")
    debian.run("sh", "-c", f"cd /root && {command('apt-get install')}")
    shutil.copy(model, debian.root / "var/lib/scimult/model.scimult")

    folder = debian.root / "etc/scimult"
    folder.mkdir()
    authority = Authority(folder)
    authority.issue("tls").certificate.rename(folder / "tls.crt")
    (folder / "tokens").write_text(f"{TOKEN}\n")
    steps = [command("groupadd"), command("chgrp"), command("chmod")]
    debian.run("sh", "-e", "-c", "\n".join(steps))
    assert debian.run("stat", "--format=%a %G", "/etc/scimult/tls.key") == "640 scimult-secrets\n"

    drop_in = debian.root / "etc/systemd/system/scimult.service.d/override.conf"
    drop_in.parent.mkdir()
    drop_in.write_text(file_with("SupplementaryGroups", "ini"))
    settings = debian.root / "etc/default/scimult"
    text = re.sub(r":(50051|8080)$", ":0", settings.read_text(), flags=re.MULTILINE)
    settings.write_text(text + "\n".join(documented_secrets()) + "\n")
    debian.run("systemctl", "daemon-reload")
    debian.run("systemctl", "enable", "--now", "scimult")

    credentials = grpc.ssl_channel_credentials(authority.pem)
    with grpc.secure_channel(addresses(debian)[0], credentials) as channel:
        known = [("authorization", f"Bearer {TOKEN}")]
        assert len(encode(channel, REQUEST, metadata=known).embeddings) == 1
        assert failure(channel, "Encode", REQUEST).code is grpc.StatusCode.UNAUTHENTICATED


def documented_secrets() -> list[str]:
    """Returns the variables for TLS and tokens in docs/deploy.md."""
    found = re.findall(r"-e (SCIMULT_(?:TLS|AUTH)_\w+=\S+?)[ `]", DOCUMENT.read_text())
    assert len(found) == 3
    return found
