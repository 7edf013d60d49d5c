from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_server import FakeServer, running

from scimult import Client

# The test vectors that all document readers share.
sys.path.append(str(Path(__file__).resolve().parents[3] / "Tests/Documents"))


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with running(FakeServer()) as fake:
        yield fake


@pytest.fixture
def client(server: FakeServer) -> Iterator[Client]:
    with Client(server.address, timeout=20) as client:
        yield client
