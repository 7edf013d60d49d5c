"""Translates a client's arguments for gRPC: target, credentials, channel options, metadata."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import grpc

from ._generated import scimult_pb2 as pb
from ._generated.scimult_pb2_grpc import SciMultStub
from .arguments import check_seconds, check_whole
from .encoding import ITER_CONCURRENCY
from .error_details import is_pushback
from .errors import UnavailableError
from .model import ModelInfo
from .packed_response import PackedEncodeResponse
from .servers import Servers, to_servers
from .tls import TLS
from .vocabulary import Priority, check_priority

#: gRPC attempts a call at most five times.
RETRIES_MAX = 4

#: gRPC would not repeat a larger call. It is larger than any allowed message. In bytes.
_RETRY_BUFFER_BYTES = 1 << 28


@dataclass(frozen=True)
class _Opened:
    """A channel and its stub."""

    #: The process's id. A forked process lacks the threads of the channel.
    process: int
    channel: Any
    stub: Any
    encode: Any
    #: The default number of concurrent requests.
    concurrency: int


#: Attributes of one connection.
_NOT_COPIED = frozenset(("_lock", "_is_closed", "_opened", "_inherited", "_known_model"))


class Connection:
    """The common part of both clients: the channel, and the options of calls.

    A client can be copied, pickled and used after a fork. The copy has the same target and options,
    including the token and the paths or bytes of ``TLS``, and opens its own connection at the first
    call.
    """

    def __init__(
        self,
        target: str | Sequence[str],
        *,
        timeout: float | None = 300.0,
        retries: int = 3,
        tls: bool | TLS = False,
        token: str | None = None,
        priority: Priority | None = None,
        credentials: grpc.ChannelCredentials | None = None,
        channel_options: Sequence[tuple[str, Any]] = (),
    ) -> None:
        """Opens no connection yet: the first call does.

        Args:
            target: ``"host:port"``, ``"[::1]:port"``, ``"unix:PATH"``, or any other name that gRPC
                resolves, such as ``"dns:///scimult.default.svc:50051"``; or a list of
                ``"host:port"``. The port is required. The addresses behind a name or in a list
                share the calls; addresses that do not answer are left out until they do. The names
                in a list are looked up once.
            timeout: Maximum seconds for one request; ``None`` for no limit. A call with many texts
                makes several requests.
            retries: How often a request is repeated, 0 to 4 times, if the server is full or not
                available. The client waits as long as the server asks, or briefly. Unless it is 0,
                a request whose connection still breaks is sent once more.
            tls: ``True`` or :class:`TLS` to encrypt the connection; clear text by default.
            token: Sent with each call, as ``authorization: Bearer …``. Without TLS it is sent in
                clear text, which is only for loopback and for a mesh that encrypts traffic.
            priority: ``"batch"`` for work that yields to others; ``"interactive"`` is the default.
            credentials: gRPC's own TLS credentials, instead of ``tls``.
            channel_options: gRPC channel options, which override the client's own. Without
                ``("grpc.enable_http_proxy", 1)`` the client uses no proxy, even if the environment
                names one.
        """
        # A copy must be able to read the target again, so an iterator is stored as a list.
        self._target = [*target] if isinstance(target, (Iterator, list)) else target
        self._retries = check_whole("retries", retries, 0, RETRIES_MAX)
        self._tls = _checked_tls(tls)
        self._credentials = _checked_credentials(credentials)
        if self._tls and credentials is not None:
            raise ValueError("tls and credentials say the same: give one of them")
        self._channel_options = _checked_options(channel_options)
        self._call_options: dict[str, Any] = {
            "timeout": check_seconds("timeout", timeout),
            "metadata": _metadata(token, priority),
        }
        self._reset()
        self._opened: _Opened | None = self._open()

    def __getstate__(self) -> dict[str, Any]:
        """Returns the state for a copy, which opens its own connection."""
        if self._credentials is not None:
            raise TypeError(
                "a client with gRPC's own credentials cannot be copied or pickled: give tls=TLS(…)"
            )
        return {name: value for name, value in self.__dict__.items() if name not in _NOT_COPIED}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._reset()

    def _reset(self) -> None:
        """Resets the client to the state before the first call."""
        self._lock = Lock()
        self._is_closed = False
        self._opened = None
        #: Connections of the parent process, which a fork must not close.
        self._inherited: list[_Opened] = []
        self._known_model: ModelInfo | None = None

    def _open(self) -> _Opened:
        servers = to_servers(self._target)
        # If an option occurs twice, gRPC takes the first.
        options = [*self._channel_options, *_channel_options(self._retries)]
        credentials = self._credentials
        if self._tls:
            options += _name_options(servers, self._tls)
            credentials = self._tls.credentials()
        channels = self._channels()
        channel = (
            channels.insecure_channel(servers.target, options)
            if credentials is None
            else channels.secure_channel(servers.target, credentials, options)
        )
        encode = channel.unary_unary(
            "/scimult.v1.SciMult/Encode",
            request_serializer=pb.EncodeRequest.SerializeToString,
            response_deserializer=PackedEncodeResponse.FromString,
        )
        return _Opened(
            process=os.getpid(),
            channel=channel,
            stub=SciMultStub(channel),  # type: ignore[no-untyped-call]
            encode=encode,
            concurrency=ITER_CONCURRENCY * servers.count,
        )

    def _connection(self) -> _Opened:
        """Returns the connection of this process; opens it if necessary."""
        opened = self._opened
        if opened is not None and opened.process == os.getpid():
            return opened
        with self._lock:
            opened = self._opened
            if self._is_closed:
                raise ValueError("the client is closed")
            if opened is None or opened.process != os.getpid():
                if opened is not None:
                    self._inherited.append(opened)
                self._opened = opened = self._open()
            return opened

    def _closing(self) -> Any:
        """Returns the channel to close, if there is one; opens none."""
        with self._lock:
            self._is_closed = True
            opened = self._opened
            return opened.channel if opened is not None and opened.process == os.getpid() else None

    @property
    def _stub(self) -> Any:
        return self._connection().stub

    @property
    def _encode(self) -> Any:
        return self._connection().encode

    @property
    def _iteration_concurrency(self) -> int:
        """The default number of concurrent requests."""
        return self._connection().concurrency

    def _channels(self) -> Any:
        """The module of gRPC that opens channels, for threads or for asyncio."""
        raise NotImplementedError

    def _repeats(self, error: UnavailableError) -> bool:
        """Whether a failed call is sent once more.

        gRPC does not retry once a response has begun, because the caller may already have used it.
        Here a response is used only when it is complete, and calls change nothing on the server. If
        the server itself named a time for a retry, or forbade one, gRPC has already obeyed.
        """
        return self._retries > 0 and not is_pushback(error)


def _checked_tls(tls: bool | TLS) -> TLS | None:
    if isinstance(tls, TLS):
        return tls
    if isinstance(tls, bool):
        return TLS() if tls else None
    raise TypeError(f"tls is a {type(tls).__name__}: expected True, False or TLS(…)")


def _checked_credentials(credentials: Any) -> grpc.ChannelCredentials | None:
    if credentials is None or isinstance(credentials, grpc.ChannelCredentials):
        return credentials
    raise TypeError(
        f"credentials is a {type(credentials).__name__}: expected grpc.ssl_channel_credentials(…)"
    )


def _checked_options(options: Sequence[tuple[str, Any]]) -> tuple[tuple[str, Any], ...]:
    try:
        return tuple((name, value) for name, value in options)
    except (TypeError, ValueError):
        raise TypeError(
            f"channel_options is {options!r}: expected pairs of a name and a value"
        ) from None


def _metadata(token: str | None, priority: Priority | None) -> tuple[tuple[str, str], ...]:
    metadata = []
    if token is not None:
        if not isinstance(token, str):
            raise TypeError(f"the token is a {type(token).__name__}: expected a str")
        # gRPC would refuse a token of another form with a message that shows the token.
        if not token or not all("!" <= character <= "~" for character in token):
            raise ValueError(
                "the token must be one word of printable ASCII characters: take off what a file "
                "has around it with .strip()"
            )
        metadata.append(("authorization", f"Bearer {token}"))
    if priority is not None:
        metadata.append(("x-scimult-priority", check_priority(priority)))
    return tuple(metadata)


def _name_options(servers: Servers, tls: TLS) -> list[tuple[str, Any]]:
    """Returns the options for the name in certificates, if gRPC cannot derive it itself."""
    name = tls.server_name
    if name is None and servers.host_names:
        if len(servers.host_names) > 1:
            raise ValueError(
                "gRPC checks the certificates of a list of servers for one name: give "
                "TLS(server_name=…) that all of them hold, or one name that resolves to all"
            )
        (name,) = servers.host_names
    return [] if name is None else [("grpc.ssl_target_name_override", name)]


def _channel_options(retries: int) -> list[tuple[str, Any]]:
    method: dict[str, Any] = {"name": [{"service": "scimult.v1.SciMult"}]}
    if retries > 0:
        method["retryPolicy"] = {
            "maxAttempts": 1 + retries,
            "initialBackoff": "0.1s",
            "maxBackoff": "5s",
            "backoffMultiplier": 3,
            "retryableStatusCodes": ["UNAVAILABLE", "RESOURCE_EXHAUSTED"],
        }
    config = {"loadBalancingConfig": [{"round_robin": {}}], "methodConfig": [method]}
    return [
        # The client splits messages by the server's limits, which are known only after the first
        # call. gRPC's own limits are fixed when the channel is created, and must not be lower.
        ("grpc.max_send_message_length", -1),
        ("grpc.max_receive_message_length", -1),
        ("grpc.per_rpc_retry_buffer_size", _RETRY_BUFFER_BYTES),
        # A web proxy usually cannot reach a server on this machine or in this cluster. The Go
        # client uses no proxy either.
        ("grpc.enable_http_proxy", 0),
        ("grpc.service_config", json.dumps(config)),
    ]
