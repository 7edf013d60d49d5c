"""Who vouches for whom: clients, the proxy and replicas, each by an authority of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import grpc

from harness.certificates import Authority, Identity, tls_options

#: What replicas are called in their certificates.
REPLICA = "scimult"


@dataclass(frozen=True)
class Trust:
    """Authorities, and the certificates in one folder under the names that deploy/ uses."""

    folder: Path
    #: Vouches for what clients see of the proxy.
    proxies: Authority
    #: Vouches for clients.
    clients: Authority
    #: Vouches for what replicas see of the proxy.
    callers: Authority
    #: Vouches for replicas.
    replicas: Authority
    #: A client's.
    client: Identity
    #: The proxy's, before replicas.
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
        """Certificate and key in one file, as HAProxy reads them."""
        parts = [(self.folder / f"{name}.{kind}").read_bytes() for kind in ("pem", "key")]
        (self.folder / f"{name}-with-key.pem").write_bytes(b"".join(parts))

    def replica_options(self, identity: Identity | None = None) -> list[str | Path]:
        """Of a replica that serves none but the proxy."""
        own = identity or self.replicas.issue("replica", REPLICA)
        return tls_options(own, self.callers)

    def channel(self, address: str, identity: Identity | None) -> grpc.Channel:
        """A client's connection to the proxy, without retries; to be used in a with statement."""
        return self.proxies.channel(address, identity)

    def channel_around_the_proxy(self, address: str, identity: Identity | None) -> grpc.Channel:
        """A connection to a replica itself."""
        return self.replicas.channel(address, identity)
