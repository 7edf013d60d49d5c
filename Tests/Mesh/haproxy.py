"""HAProxy with deploy/haproxy/haproxy.cfg."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from deployed import deploy
from ports import free_port
from programs import find
from proxy_process import ProxyProcess


class HAProxy(ProxyProcess):
    """HAProxy in front of two replicas, given by their ports."""

    def __init__(self, replicas: Sequence[int], certificates: Path, folder: Path) -> None:
        one, two = replicas
        port = free_port()
        configuration = deploy(
            "haproxy/haproxy.cfg",
            folder,
            {
                "scimult-1:50051": f"127.0.0.1:{one}",
                "scimult-2:50051": f"127.0.0.1:{two}",
                "0.0.0.0:8443": f"127.0.0.1:{port}",
                "/etc/haproxy/tls": str(certificates),
            },
        )
        super().__init__(find("haproxy"), ["-db", "-f", str(configuration)], port, folder)
