"""The server notifies systemd, or a simulation of it, about its state (sd_notify)."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from harness.calls import get_model
from harness.http2 import Http2Connection, grpc_headers

DATAGRAM_SECONDS_MAX = 60


@contextmanager
def service_manager(name: str) -> Iterator[socket.socket]:
    """Opens a notification socket; an abstract name begins with @."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.settimeout(DATAGRAM_SECONDS_MAX)
        manager.bind(name.replace("@", "\0", 1) if name.startswith("@") else name)
        yield manager


@pytest.fixture(params=["path", "abstract"])
def name(request, tmp_path) -> str:
    return str(tmp_path / "notify") if request.param == "path" else f"@scimult-test-{os.getpid()}"


def receive(manager: socket.socket) -> dict[str, str]:
    """Returns the assignments of the next datagram."""
    lines = manager.recv(4096).decode().split("\n")
    return dict(line.split("=", 1) for line in lines)


def test_life_of_a_service(start_server, name):
    with service_manager(name) as manager:
        server = start_server(environment={"NOTIFY_SOCKET": name})
        assert receive(manager) == {"STATUS": "loading the model"}
        ready = receive(manager)
        assert ready["READY"] == "1"
        assert "tiny-expert" in ready["STATUS"]
        assert server.grpc in ready["STATUS"]
        with server.channel() as channel:
            assert get_model(channel).name == "tiny-expert"
        with Http2Connection(server) as connection:
            stream = connection.open(grpc_headers("GetModel"), b"\0", end=False)
            connection.ping()
            server.signal(signal.SIGTERM)
            stopping = receive(manager)
            assert stopping["STOPPING"] == "1"
            assert server.process.poll() is None, "told at the beginning of the end"
            connection.send(stream, b"\0\0\0\0")
            assert connection.response(stream).status()[0] == 0
        assert server.wait() == 0


def test_watchdog_is_fed_until_the_end(start_server, tmp_path):
    name = str(tmp_path / "notify")
    environment = {"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "20000"}
    with service_manager(name) as manager:
        server = start_server(environment=environment)
        with Http2Connection(server) as connection:
            connection.open(grpc_headers("GetModel"), b"\0", end=False)
            connection.ping()
            server.signal(signal.SIGTERM)
            while "STOPPING" not in receive(manager):
                pass
            assert [receive(manager) for _ in range(3)] == [{"WATCHDOG": "1"}] * 3
        assert server.wait() == 0


def test_watchdog_of_another_process(start_server, tmp_path):
    name = str(tmp_path / "notify")
    environment = {"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"}
    with service_manager(name) as manager:
        server = start_server(environment=environment)
        server.stop()
        manager.setblocking(False)
        heard = []
        with pytest.raises(BlockingIOError):
            while True:
                heard.append(receive(manager))
    assert not any("WATCHDOG" in assignments for assignments in heard)
    assert [key for assignments in heard for key in assignments if key != "STATUS"] == [
        "READY",
        "STOPPING",
    ]


def test_manager_that_is_not_there(start_server, tmp_path):
    server = start_server(environment={"NOTIFY_SOCKET": str(tmp_path / "absent")})
    with server.channel() as channel:
        assert get_model(channel).name == "tiny-expert"
    server.stop()
    assert str(tmp_path / "absent") in server.stderr
