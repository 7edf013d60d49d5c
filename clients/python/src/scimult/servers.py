"""Converts the servers that a caller names to one gRPC target whose addresses share the calls."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import grpc

from .errors import UnavailableError
from .targets import ADDRESS, check_target, is_port


@dataclass(frozen=True)
class Servers:
    """The servers of a client."""

    #: The target as gRPC resolves it.
    target: str
    #: The number of named servers; one name may stand for several.
    count: int
    #: The allowed names in certificates; empty if gRPC takes the name from the target.
    host_names: frozenset[str] = frozenset()


def to_servers(target: str | Sequence[str]) -> Servers:
    """Converts one target, or a list of ``host:port``.

    The names of a list are looked up immediately, because gRPC takes only addresses there. Raises
    ``ValueError`` or ``TypeError`` on an invalid target, and :class:`UnavailableError` if a name in
    a list has no address.
    """
    if isinstance(target, str):
        check_target(target)
        return Servers(target, 1)
    if isinstance(target, (bytes, Mapping)) or not isinstance(target, Iterable):
        raise TypeError(f"the target is {target!r}: expected 'host:port', or a list of these")
    names = list(target)
    if not names:
        raise ValueError("no servers: expected at least one, such as 'localhost:50051'")
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"a server of the list is {name!r}: expected 'host:port'")
    if len(names) == 1:
        return to_servers(names[0])
    hosts = [_host_and_port(name) for name in names]
    resolved = [_addresses(host, port) for host, port in hosts]
    for family, scheme in ((socket.AF_INET, "ipv4"), (socket.AF_INET6, "ipv6")):
        if all(addresses[family] for addresses in resolved):
            # A server that is named twice would get twice as many calls.
            every = dict.fromkeys(
                address for addresses in resolved for address in addresses[family]
            )
            host_names = frozenset(host for host, _ in hosts)
            return Servers(f"{scheme}:{','.join(every)}", len(names), host_names)
    kinds = ", ".join(
        f"{name} has {' and '.join(kind for kind, found in _kinds(addresses) if found)}"
        for name, addresses in zip(names, resolved, strict=True)
    )
    raise ValueError(f"the servers of a list are all reached over IPv4, or all over IPv6: {kinds}")


_Addresses = dict[socket.AddressFamily, list[str]]


def _kinds(addresses: _Addresses) -> list[tuple[str, list[str]]]:
    return [("IPv4", addresses[socket.AF_INET]), ("IPv6", addresses[socket.AF_INET6])]


def _host_and_port(name: str) -> tuple[str, int]:
    address = ADDRESS.fullmatch(name)
    if address is None or not is_port(address["port"]):
        raise ValueError(
            f"{name!r} cannot be one of several servers: these are 'host:port' or '[::1]:port'. "
            "A socket ('unix:…') or a name that gRPC resolves ('dns:///…') is the only one"
        )
    return address["ipv6"] or address["host"], int(address["port"])


def _addresses(host: str, port: int) -> _Addresses:
    """Returns the host's addresses with the port in gRPC's form, grouped by address family."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise UnavailableError(
            grpc.StatusCode.UNAVAILABLE, f"{host} has no address: {error.strerror or error}"
        ) from error
    addresses: _Addresses = {socket.AF_INET: [], socket.AF_INET6: []}
    for family, _, _, _, address in found:
        if family is socket.AF_INET:
            addresses[family].append(f"{address[0]}:{port}")
        elif family is socket.AF_INET6:
            addresses[family].append(f"[{address[0]}]:{port}")
    return addresses
