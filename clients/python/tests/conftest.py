from __future__ import annotations

from collections.abc import Iterator

import pytest
from fake_server import FakeServer, running

from scimult import Client


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with running(FakeServer()) as fake:
        yield fake


@pytest.fixture
def client(server: FakeServer) -> Iterator[Client]:
    with Client(server.address, timeout=20) as client:
        yield client
