"""Checks the names of servers before gRPC resolves them."""

from __future__ import annotations

import re

#: ``host:port`` or ``[::1]:port``.
ADDRESS = re.compile(
    r"(?:\[(?P<ipv6>[^\[\]/\s]+)\]|(?P<host>[^\[\]:/,@?#\s]+)):(?P<port>[0-9]{1,5})"
)

_SCHEME = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):(?P<rest>.*)", re.DOTALL)

#: gRPC's schemes for host names. For a name without a port, gRPC would take 443.
_WITH_PORTS = frozenset({"dns", "ipv4", "ipv6"})
_WITHOUT_PORTS = frozenset({"unix", "unix-abstract", "vsock", "xds", "google-c2p"})

#: The server's default port.
_PORT = 50051


def check_target(target: str) -> None:
    """Raises ``ValueError``, with what to write instead, on a name that leads to no server."""
    if not target:
        raise ValueError(f"the target is empty: expected 'host:port', such as 'localhost:{_PORT}'")
    address = ADDRESS.fullmatch(target)
    if address is not None:
        _check_port(target, address["port"])
        return
    named = _SCHEME.fullmatch(target)
    scheme = named["scheme"].lower() if named else ""
    rest = named["rest"] if named else ""
    if scheme in _WITH_PORTS:
        for address_text in rest.rpartition("/")[2].split(","):
            found = ADDRESS.fullmatch(address_text)
            if found is None:
                raise ValueError(f"the target {target!r} names no port: write '{target}:{_PORT}'")
            _check_port(target, found["port"])
    elif scheme in _WITHOUT_PORTS:
        if not rest.strip("/"):
            raise ValueError(f"the target {target!r} names nothing behind its colon")
    elif rest.startswith("//"):
        raise ValueError(_instead_of_url(target, scheme, rest[2:]))
    else:
        raise ValueError(_instead_of(target))


def is_port(digits: str) -> bool:
    """Whether a server can have this port."""
    return 0 < int(digits) < 1 << 16


def _check_port(target: str, port: str) -> None:
    if not is_port(port):
        raise ValueError(f"the target {target!r} has the port {port}: expected 1 to 65535")


def _instead_of_url(target: str, scheme: str, rest: str) -> str:
    host = re.split("[/?#]", rest)[0].rpartition("@")[2]
    is_secure = scheme in ("https", "grpcs")
    port = 443 if is_secure else _PORT
    host = host if ADDRESS.fullmatch(host) else f"{host or 'localhost'}:{port}"
    tls = ", with tls=True" if is_secure else ""
    return f"the target {target!r} is a URL: write {host!r}{tls}"


def _instead_of(target: str) -> str:
    if target.startswith(("/", ".")):
        return f"the target {target!r} is a path: for a socket write 'unix:{target}'"
    if "," in target:
        return f"the target {target!r} is not 'host:port': for several servers pass a list"
    if target.count(":") > 1 and not target.startswith("["):
        return f"the target {target!r} is not 'host:port': write an IPv6 address as '[::1]:{_PORT}'"
    if re.fullmatch(r"[^:/\s]+|\[[^\[\]/\s]+\]", target):
        return f"the target {target!r} names no port: write '{target}:{_PORT}'"
    return f"the target {target!r} is not 'host:port', such as 'localhost:{_PORT}'"
