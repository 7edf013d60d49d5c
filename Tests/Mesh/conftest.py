"""Replicas and the proxies in front of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from envoy import Envoy
from haproxy import HAProxy
from nginx import Nginx
from proxy_process import ProxyProcess
from replicas import Replica, StartServer
from trust import Trust

pytest_plugins = ["harness.fixtures"]

StartReplica = Callable[..., Replica]
StartEnvoy = Callable[..., Envoy]
StartProxy = Callable[..., ProxyProcess]


@pytest.fixture
def trust(tmp_path: Path) -> Trust:
    """Certificates of clients, proxy and replicas."""
    folder = tmp_path / "tls"
    folder.mkdir()
    return Trust.make(folder)


@pytest.fixture
def start_replica(start_server: StartServer, trust: Trust) -> StartReplica:
    """Starts replicas that only the proxy may call."""

    def start(*options: str, **further: Any) -> Replica:
        own = ["--threads", "1", "--log-level", "error", *trust.replica_options()]
        return Replica(start_server, [*own, *options], **further)

    return start


@pytest.fixture
def start_envoy(trust: Trust, tmp_path: Path) -> Iterator[StartEnvoy]:
    """Starts Envoy in front of two replicas, or ports, and waits until they are in rotation."""
    running: list[ProxyProcess] = []

    def start(*replicas: Replica | int, in_rotation: int = 2) -> Envoy:
        ports = [each.port if isinstance(each, Replica) else each for each in replicas]
        envoy = Envoy(ports, trust.folder, tmp_path)
        running.append(envoy)
        envoy.wait_until(
            lambda: len(envoy.in_rotation()) == in_rotation, f"{in_rotation} in rotation"
        )
        return envoy

    yield start
    for proxy in running:
        proxy.stop()


@pytest.fixture
def replicas(start_replica: StartReplica) -> list[Replica]:
    """Two replicas."""
    return [start_replica(), start_replica()]


@pytest.fixture
def envoy(start_envoy: StartEnvoy, replicas: list[Replica]) -> Envoy:
    """Envoy in front of the two replicas."""
    return start_envoy(*replicas)


@pytest.fixture(params=["envoy", "nginx", "haproxy"])
def start_proxy(
    request: pytest.FixtureRequest, trust: Trust, tmp_path: Path
) -> Iterator[StartProxy]:
    """Starts one of the proxies in front of two replicas."""
    if request.param == "envoy":
        yield request.getfixturevalue("start_envoy")
        return
    running: list[ProxyProcess] = []
    kind = {"nginx": Nginx, "haproxy": HAProxy}[request.param]

    def start(*replicas: Replica) -> ProxyProcess:
        running.append(kind([replica.port for replica in replicas], trust.folder, tmp_path))
        return running[-1]

    yield start
    for proxy in running:
        proxy.stop()


@pytest.fixture
def proxy(start_proxy: StartProxy, replicas: list[Replica]) -> ProxyProcess:
    """A proxy in front of the two replicas."""
    return start_proxy(*replicas)
