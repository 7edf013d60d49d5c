"""The image's health check, with real servers and without one."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

import pytest

from harness.fixtures import StartServer
from harness.server import ServerProcess
from places import DEPLOY

HEALTH_CHECK = DEPLOY / "docker/healthcheck"


def check_of(admin: str) -> subprocess.Popen[str]:
    """Starts the health check of a server with this admin port."""
    return subprocess.Popen(
        [HEALTH_CHECK],
        env={"PATH": os.environ["PATH"], "SCIMULT_ADMIN": admin},
        stderr=subprocess.PIPE,
        text=True,
    )


def outcome(check: subprocess.Popen[str]) -> tuple[int, str]:
    """Returns the exit code of a health check, and its output."""
    _, said = check.communicate(timeout=30)
    return check.returncode, said


def admin_port(server: ServerProcess) -> str:
    assert server.admin is not None
    return server.admin.rpartition(":")[2]


def test_a_server_that_lives_passes(server: ServerProcess) -> None:
    assert outcome(check_of(f"127.0.0.1:{admin_port(server)}")) == (0, "")


def test_a_server_that_listens_everywhere_is_asked_on_loopback(server: ServerProcess) -> None:
    for everywhere in ("*", "0.0.0.0"):
        assert outcome(check_of(f"{everywhere}:{admin_port(server)}")) == (0, "")


def test_a_server_of_ipv6_passes(start_server: StartServer) -> None:
    if not Path("/proc/net/if_inet6").exists():
        pytest.skip("no IPv6 on this machine")
    port = admin_port(start_server(admin="[::1]:0"))
    assert outcome(check_of(f"[::1]:{port}")) == (0, "")
    assert outcome(check_of(f"[::]:{port}")) == (0, "")


def test_a_port_where_nobody_listens_fails() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        code, said = outcome(check_of(f"127.0.0.1:{held.getsockname()[1]}"))
    assert code == 1
    assert "refused" in said


def test_another_program_at_the_port_fails() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        check = check_of(f"127.0.0.1:{listener.getsockname()[1]}")
        connection, _ = listener.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 404 Not Found\r\n\r\n")
            code, said = outcome(check)
    assert code == 1
    assert "404" in said


def test_a_server_that_does_not_answer_fails() -> None:
    """The check ends by itself, before Docker stops it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        code, _ = outcome(check_of(f"127.0.0.1:{listener.getsockname()[1]}"))
    assert code != 0


def test_without_an_admin_port_it_says_what_to_do() -> None:
    code, said = outcome(check_of("off"))
    assert code == 1
    assert "--no-healthcheck" in said
