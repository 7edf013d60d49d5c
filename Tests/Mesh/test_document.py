"""docs/mesh.md: its commands run as written, for each of the proxies."""

from __future__ import annotations

import json
import re
import socket
import sysconfig
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.document_blocks import Block, blocks
from ports import free_port
from programs import REPOSITORY, Program, find
from reader import Reader

DOCUMENT = REPOSITORY / "docs/mesh.md"
PROXIES = ["envoy", "nginx", "haproxy"]

PROCESS_FILES = ["/run/nginx.pid", "/run/haproxy.pid"]

WAIT_SECONDS_MAX = 60


@pytest.fixture
def port() -> int:
    """The proxy's port for clients."""
    return free_port()


@pytest.fixture
def reader(scimult: Path, tiny_expert: Path, tmp_path: Path, port: int) -> Iterator[Reader]:
    """A reader with everything that the document requires."""
    for folder in ("etc", "run", "nginx"):
        (tmp_path / folder).mkdir()
    programs = {name: find(name) for name in PROXIES}
    programs["scimult"] = Program(scimult, {})
    programs["grpcurl"] = Program(Path(sysconfig.get_path("scripts")) / "grpcurl", {})
    places = {
        "MODEL": str(tiny_expert),
        "0.0.0.0": "127.0.0.1",
        "8443": str(port),
        **{written: str(free_port()) for written in ("50051", "8080", "8444", "9901")},
        "/etc/": f"{tmp_path}/etc/",
        "/run/": f"{tmp_path}/run/",
        "/var/lib/nginx": f"{tmp_path}/nginx",
    }
    reader = Reader(tmp_path, programs, places)
    yield reader
    reader.leave(PROCESS_FILES)


def wait_for_another(reader: Reader, block: Block, before: str) -> None:
    """Runs a block until its output changes."""
    end = time.monotonic() + WAIT_SECONDS_MAX
    while reader.run(block) == before:
        assert time.monotonic() < end, f"still {before}"


def wait_until_closed(port: int) -> None:
    """Returns once no process listens on a port."""
    end = time.monotonic() + WAIT_SECONDS_MAX
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except ConnectionRefusedError:
            return
        assert time.monotonic() < end, "the proxy does not end"
        time.sleep(0.05)


def embeddings(reader: Reader, call: Block) -> list[object]:
    """Returns the output of a call."""
    return list(json.loads(reader.run(call))["embeddings"])


@pytest.mark.parametrize("proxy", PROXIES)
def test_commands(reader, port, proxy):
    make_certificates, start_replicas, call, make_another, show = blocks(DOCUMENT, "sh")
    start, *further, renew, end = blocks(DOCUMENT, f"sh {proxy}")
    for each in (make_certificates, start_replicas, start):
        reader.run(each)
    assert len(embeddings(reader, call)) == 1
    for each in further:
        printed = reader.run(each)
        assert "grpc-status:0" in printed
        assert printed.count("health_flags::healthy") == 2
    first = reader.run(show)
    assert "serial=" in first
    reader.run(make_another)
    reader.run(renew)
    wait_for_another(reader, show, first)
    assert len(embeddings(reader, call)) == 1
    reader.run(end)
    wait_until_closed(port)


def test_every_block_is_among_those_that_run():
    run = sum(len(blocks(DOCUMENT, words)) for words in ("sh", *(f"sh {each}" for each in PROXIES)))
    fences = re.findall(r"^```", DOCUMENT.read_text(), re.MULTILINE)
    assert len(fences) == 2 * run > 0
