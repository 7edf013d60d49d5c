"""A log that is not read loses lines, but nothing else: calls are answered, and signals work."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from harness.admin import get
from harness.attacks import opened
from harness.calls import get_model
from harness.frames import data, settings
from harness.http2 import Http2Connection, grpc_headers
from harness.metrics import Metrics
from harness.raw_http2 import PREFACE
from harness.server import START_SECONDS_MAX, STOP_SECONDS_MAX

FORMATS = pytest.mark.parametrize("form", ["text", "json"])

ABUSIVE_CONNECTIONS = 700

#: A connection that the server ends, with a log line, because of empty data frames.
ABUSE = PREFACE + settings() + opened(1) + 40 * data(1, b"", 0)

F_SETPIPE_SZ = 1031


class Pipe:
    """A pipe with a buffer of one page."""

    def __init__(self) -> None:
        self.reading, self.writing = os.pipe()
        fcntl.fcntl(self.writing, F_SETPIPE_SZ, 4096)

    def fill(self) -> None:
        os.set_blocking(self.writing, False)
        try:
            while True:
                os.write(self.writing, b"x" * 4096)
        except BlockingIOError:
            os.set_blocking(self.writing, True)

    def read_until(self, word: bytes) -> bytes:
        """Returns the content up to a word."""
        octets = b""
        while word not in octets:
            octets += os.read(self.reading, 65_536)
        return octets

    def close(self) -> None:
        os.close(self.reading)
        os.close(self.writing)


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    pipe = Pipe()
    yield pipe
    pipe.close()


def misbehave(server) -> None:
    with socket.create_connection((server.host, server.port), 30) as connection:
        try:
            connection.sendall(ABUSE)
            while connection.recv(65_536):
                pass
        except ConnectionError:
            pass


def fill_log(server) -> None:
    """Causes more log lines than the server may keep."""
    with server.channel() as channel:
        while Metrics.of(server).value("scimult_log_lines_dropped_total") == 0:
            for _ in range(500):
                get_model(channel)


@FORMATS
def test_connections_that_are_ended(start_server, pipe, form):
    server = start_server("--log-format", form, "--threads", "4", log=pipe.writing)
    for _ in range(ABUSIVE_CONNECTIONS):
        misbehave(server)
    assert get(server, "/livez").status == 200
    with server.channel() as channel:
        assert get_model(channel, timeout=30).name == "tiny-expert"
    server.stop()


@FORMATS
def test_the_log_of_requests(start_server, pipe, form):
    server = start_server("--log-format", form, "--request-log", "all", log=pipe.writing)
    fill_log(server)
    assert get(server, "/livez").status == 200
    server.stop()


def test_a_second_signal_ends_it_at_once(start_server, pipe):
    server = start_server("--request-log", "all", "--drain-seconds", "600", log=pipe.writing)
    fill_log(server)
    with Http2Connection(server) as connection:
        connection.open(grpc_headers("Encode"), b"\0", end=False)
        connection.ping()
        server.signal(signal.SIGTERM)
        connection.read_until_goaway()
        assert server.insist(signal.SIGTERM) == 1


def test_a_crash_is_not_held_up(start_server, pipe):
    """The runtime's crash message does not wait for a reader; other writes to the pipe do."""
    server = start_server(log=pipe.writing)

    def is_nonblocking(process: int, descriptor: int) -> bool:
        information = Path(f"/proc/{process}/fdinfo/{descriptor}").read_text()
        flags = next(line for line in information.splitlines() if line.startswith("flags:"))
        return bool(int(flags.split()[1], 8) & os.O_NONBLOCK)

    assert is_nonblocking(server.process.pid, 2)
    assert not is_nonblocking(os.getpid(), pipe.writing)


def test_who_reads_again_is_told_what_is_missing(start_server, pipe):
    server = start_server("--request-log", "all", log=pipe.writing)
    fill_log(server)
    assert b"read too slowly" in pipe.read_until(b"dropped") + pipe.read_until(b"\n")
    server.kill()


def test_standard_output_that_nobody_reads(scimult, tiny_expert, tmp_path, pipe):
    """The ready line is written there, and the server does not wait for it."""
    pipe.fill()
    path = tmp_path / "scimult.sock"
    process = subprocess.Popen(
        [
            *(scimult, "serve", "--model", tiny_expert, "--listen", f"unix:{path}"),
            *("--admin", "off", "--log-format", "text"),
        ],
        stdout=pipe.writing,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert any("serving" in line for line in process.stderr), "the log ends early"
    assert wait_for(path)
    process.send_signal(signal.SIGTERM)
    _, rest = process.communicate(timeout=STOP_SECONDS_MAX)
    assert process.returncode == 0, rest


def test_closed_standard_streams(scimult, tiny_expert, tmp_path):
    """Output is discarded, and is not written into a connection."""
    path = tmp_path / "scimult.sock"
    process = subprocess.Popen(
        [
            *("sh", "-c", 'exec "$0" "$@" <&- >&- 2>&-', scimult, "serve", "--request-log", "all"),
            *("--model", tiny_expert, "--listen", f"unix:{path}", "--admin", "off"),
        ]
    )
    assert wait_for(path)
    with grpc.insecure_channel(f"unix:{path}") as channel:
        for _ in range(20):
            assert get_model(channel).name == "tiny-expert"
    process.send_signal(signal.SIGTERM)
    assert process.wait(STOP_SECONDS_MAX) == 0


def wait_for(path: Path) -> bool:
    deadline = time.monotonic() + START_SECONDS_MAX
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    return path.exists()


def test_a_start_that_fails_is_explained_behind_the_log(command, tiny_expert):
    """Messages keep their order, in all log formats."""
    with socket.create_server(("127.0.0.1", 0)) as holder:
        address = f"127.0.0.1:{holder.getsockname()[1]}"
        stderr = command(
            *("serve", "--model", tiny_expert, "--listen", address, "--admin", "off"),
            *("--log-format", "json"),
        ).fail(1)
    first, *_, last = stderr.splitlines()
    assert '"message":"memory"' in first
    assert last.startswith(f"scimult: --listen {address}: ")
