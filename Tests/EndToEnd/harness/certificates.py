"""Certificates of a private authority, as files for a server and as contexts for clients."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

import grpc
import trustme

from .server import CHANNEL_OPTIONS, ServerProcess


@dataclass(frozen=True)
class Identity:
    """A certificate with its key, in PEM."""

    certificate: Path
    key: Path


class Authority:
    """Issues certificates into a folder."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        self._authority = trustme.CA()
        self._folder = folder
        self.file = folder / f"{name}.pem"
        self._authority.cert_pem.write_to_path(self.file)

    @property
    def pem(self) -> bytes:
        return self.file.read_bytes()

    def issue(self, name: str, host: str = "localhost") -> Identity:
        """Issues a certificate for a host; replaces one of the same name."""
        issued = self._authority.issue_cert(host, "127.0.0.1")
        identity = Identity(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        # Each file is replaced atomically.
        for path, content in (
            (identity.certificate, b"".join(blob.bytes() for blob in issued.cert_chain_pems)),
            (identity.key, issued.private_key_pem.bytes()),
        ):
            written = path.with_suffix(".part")
            written.write_bytes(content)
            written.rename(path)
        return identity

    def client_context(
        self, identity: Identity | None = None, protocols: tuple[str, ...] = ("h2",)
    ) -> ssl.SSLContext:
        """Returns a context that trusts this authority, optionally with a client certificate."""
        context = ssl.create_default_context(cafile=str(self.file))
        if protocols:
            context.set_alpn_protocols(list(protocols))
        if identity:
            context.load_cert_chain(identity.certificate, identity.key)
        return context

    def channel(
        self, server: ServerProcess | str, identity: Identity | None = None, **options
    ) -> grpc.Channel:
        """Returns a separate TLS connection to a server or an address; for a with statement."""
        address = server if isinstance(server, str) else server.grpc
        credentials = grpc.ssl_channel_credentials(
            self.pem,
            identity.key.read_bytes() if identity else None,
            identity.certificate.read_bytes() if identity else None,
        )
        return grpc.secure_channel(address, credentials, CHANNEL_OPTIONS, **options)


def tls_options(identity: Identity, clients: Authority | None = None) -> list[str | Path]:
    """Returns the server's options for an identity, and for its clients' authority."""
    options: list[str | Path] = [
        "--tls-cert",
        identity.certificate,
        "--tls-key",
        identity.key,
    ]
    return [*options, "--tls-client-ca", clients.file] if clients else options
