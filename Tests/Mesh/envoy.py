"""Envoy with deploy/envoy/, and its admin port."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from deployed import deploy
from ports import free_port
from programs import find
from proxy_process import ProxyProcess

#: The value of `num_retries`.
RETRIES_MAX = 5

SECRETS = ("proxy", "proxy-to-replicas", "clients-ca", "replicas-ca")

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Envoy(ProxyProcess):
    """Envoy in front of two replicas, given by their ports."""

    def __init__(self, replicas: Sequence[int], certificates: Path, folder: Path) -> None:
        one, two = replicas
        services, self.web_port, self.admin_port = (free_port() for _ in range(3))
        secrets = folder / "secrets"
        secrets.mkdir()
        for name in SECRETS:
            deploy(f"envoy/secrets/{name}.yaml", secrets, {"/etc/envoy/tls": str(certificates)})
        configuration = deploy(
            "envoy/envoy.yaml",
            folder,
            {
                "/etc/envoy/secrets": str(secrets),
                "address: scimult-1, port_value: 50051": f"address: 127.0.0.1, port_value: {one}",
                "address: scimult-2, port_value: 50051": f"address: 127.0.0.1, port_value: {two}",
                "address: 0.0.0.0, port_value: 8443": f"address: 127.0.0.1, port_value: {services}",
                "address: 0.0.0.0, port_value: 8444": (
                    f"address: 127.0.0.1, port_value: {self.web_port}"
                ),
                "address: 127.0.0.1, port_value: 9901": (
                    f"address: 127.0.0.1, port_value: {self.admin_port}"
                ),
            },
        )
        arguments = ["--config-path", str(configuration), "--concurrency", "2"]
        # Several instances on one machine need different ids for their shared memory.
        arguments += ["--base-id-path", str(folder / "base-id"), "--use-dynamic-base-id"]
        super().__init__(find("envoy"), arguments, services, folder)

    def statistic(self, name: str) -> int:
        """Returns a counter or a gauge of the replicas' cluster; 0 if there is none."""
        full = f"cluster.scimult.{name}"
        lines = self._admin(f"/stats?filter=^{full.replace('.', '%5C.')}$").splitlines()
        return int(lines[0].rpartition(" ")[2]) if lines else 0

    def in_rotation(self) -> set[int]:
        """Returns the ports of the replicas in rotation."""
        return {port for port, flags in self.faults().items() if not flags}

    def faults(self) -> dict[int, set[str]]:
        """Returns why replicas are out of rotation, by their ports."""
        clusters = json.loads(self._admin("/clusters?format=json"))["cluster_statuses"]
        (hosts,) = (each["host_statuses"] for each in clusters if each["name"] == "scimult")
        return {
            host["address"]["socket_address"]["port_value"]: {
                name
                for name, value in host["health_status"].items()
                if value is True or (name == "eds_health_status" and value != "HEALTHY")
            }
            for host in hosts
        }

    def _admin(self, path: str) -> str:
        with _OPENER.open(f"http://127.0.0.1:{self.admin_port}{path}", timeout=10) as response:
            return str(response.read().decode())
