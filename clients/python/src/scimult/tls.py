"""Encryption of a connection, and authentication of both sides."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias, Union

import grpc

#: The path of a PEM file, or its content as bytes.
PEM: TypeAlias = Union[str, "os.PathLike[str]", bytes]


@dataclass(frozen=True)
class TLS:
    """Encrypts the connection.

    ``TLS()`` trusts the certificate authorities that gRPC includes, as web browsers do.
    """

    #: The certificate authority of the server's certificate, if it is a private one.
    ca: PEM | None = None
    #: The client's certificate chain, if the server requires one; used with ``key``.
    certificate: PEM | None = None
    key: PEM | None = field(default=None, repr=False)
    #: The name in the server's certificate, if it differs from the target's.
    server_name: str | None = None

    def __post_init__(self) -> None:
        for name in ("ca", "certificate", "key"):
            _check(name, getattr(self, name))
        if self.server_name is not None and not isinstance(self.server_name, str):
            raise TypeError(f"server_name is {self.server_name!r}: expected a str")
        if self.server_name == "":
            raise ValueError("server_name is empty: expected the name in the server's certificate")
        if (self.certificate is None) != (self.key is None):
            raise ValueError("a client's certificate and its key belong together: give both")

    def credentials(self) -> grpc.ChannelCredentials:
        """Returns gRPC's credentials. Raises ``OSError`` if a file cannot be read."""
        return grpc.ssl_channel_credentials(
            root_certificates=_content(self.ca),
            private_key=_content(self.key),
            certificate_chain=_content(self.certificate),
        )


def _check(name: str, pem: object) -> None:
    if pem is None or isinstance(pem, (bytes, os.PathLike)):
        return
    if not isinstance(pem, str):
        raise TypeError(f"{name} is a {type(pem).__name__}: expected a path, or bytes")
    if not pem:
        raise ValueError(f"{name} is empty: expected the path of a PEM file")
    if pem.lstrip().startswith("-----BEGIN"):
        raise ValueError(
            f"{name} is the content of a PEM file: give it as bytes, or the file's path"
        )


def _content(pem: PEM | None) -> bytes | None:
    return pem if pem is None or isinstance(pem, bytes) else Path(pem).read_bytes()
