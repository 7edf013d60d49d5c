"""nginx with deploy/nginx/nginx.conf."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from deployed import deploy
from ports import free_port
from programs import find
from proxy_process import ProxyProcess


class Nginx(ProxyProcess):
    """nginx in front of two replicas, given by their ports."""

    def __init__(self, replicas: Sequence[int], certificates: Path, folder: Path) -> None:
        one, two = replicas
        port = free_port()
        own = folder / "nginx"
        own.mkdir()
        configuration = deploy(
            "nginx/nginx.conf",
            folder,
            {
                "scimult-1:50051": f"127.0.0.1:{one}",
                "scimult-2:50051": f"127.0.0.1:{two}",
                "0.0.0.0:8443": f"127.0.0.1:{port}",
                "/etc/nginx/tls": str(certificates),
                "/run/nginx.pid": str(own / "pid"),
                "/var/lib/nginx": str(own),
            },
        )
        # In the foreground, as with systemd's unit.
        arguments = ["-c", str(configuration), "-g", "daemon off;", "-e", "stderr"]
        super().__init__(find("nginx"), arguments, port, folder)
