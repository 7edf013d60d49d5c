"""Certificate authorities of clients, the proxy and replicas, each with its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import grpc

from harness.certificates import Authority, Identity, tls_options

#: The replicas' name in their certificates.
REPLICA = "scimult"


@dataclass(frozen=True)
class Trust:
    """Authorities, and certificates in one folder with the names that deploy/ uses."""

    folder: Path
    #: Signs the proxy's certificate for clients.
    proxies: Authority
    #: Signs clients' certificates.
    clients: Authority
    #: Signs the proxy's certificate for replicas.
    callers: Authority
    #: Signs replicas' certificates.
    replicas: Authority
    #: A client's identity.
    client: Identity
    #: The proxy's identity for replicas.
    proxy_to_replicas: Identity

    @classmethod
    def make(cls, folder: Path) -> Trust:
        proxies = Authority(folder, "proxies-ca")
        clients = Authority(folder, "clients-ca")
        callers = Authority(folder, "callers-ca")
        replicas = Authority(folder, "replicas-ca")
        proxies.issue("proxy")
        trust = cls(
            folder,
            proxies,
            clients,
            callers,
            replicas,
            clients.issue("client", "a-client"),
            callers.issue("proxy-to-replicas", "a-proxy"),
        )
        trust.bundle("proxy")
        trust.bundle("proxy-to-replicas")
        return trust

    def bundle(self, name: str) -> None:
        """Writes certificate and key into one file, as HAProxy needs them."""
        parts = [(self.folder / f"{name}.{kind}").read_bytes() for kind in ("pem", "key")]
        (self.folder / f"{name}-with-key.pem").write_bytes(b"".join(parts))

    def replica_options(self, identity: Identity | None = None) -> list[str | Path]:
        """Returns the options of a replica that only the proxy may call."""
        own = identity or self.replicas.issue("replica", REPLICA)
        return tls_options(own, self.callers)

    def channel(self, address: str, identity: Identity | None) -> grpc.Channel:
        """Returns a client's connection to the proxy, without retries; for a with statement."""
        return self.proxies.channel(address, identity)

    def channel_around_the_proxy(self, address: str, identity: Identity | None) -> grpc.Channel:
        """Returns a connection to a replica without the proxy."""
        return self.replicas.channel(address, identity)
