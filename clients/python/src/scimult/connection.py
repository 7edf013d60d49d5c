"""What a client's arguments mean to gRPC: target, credentials, channel options, metadata."""

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

#: gRPC makes a call five times at the most.
RETRIES_MAX = 4

#: A call larger than this would not be repeated: more than a message may have. In bytes.
_RETRY_BUFFER_BYTES = 1 << 28


@dataclass(frozen=True)
class _Opened:
    """A channel, and what makes calls over it."""

    #: Its id: a fork has other threads than those that the channel works with.
    process: int
    channel: Any
    stub: Any
    encode: Any
    #: How many requests are under way at once, by default.
    concurrency: int


#: What belongs to one connection.
_NOT_COPIED = frozenset(("_lock", "_is_closed", "_opened", "_inherited", "_known_model"))


class Connection:
    """What both clients share: the channel, and what goes with calls.

    It can be copied, pickled and carried into a fork: what comes out has the same target and
    options, the token and the paths or bytes of ``TLS`` among them, and opens a connection of its
    own when it is first used.
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
                ``"host:port"``. The port is always named. The addresses behind a name, or in a
                list, share the calls; those that do not answer are left out until they do. The
                names of a list are looked up once.
            timeout: Seconds that one request may take; ``None`` for no limit. A call over many
                texts makes several requests.
            retries: How often a request is repeated, 0 to 4 times, when the server is full or not
                there; after the time that the server asks for, or soon. Unless it is 0, a request
                that all the same ends without a word of the server is sent once more.
            tls: ``True`` or :class:`TLS` to encrypt the connection; clear text otherwise.
            token: Sent with each call, as ``authorization: Bearer …``. Without TLS it travels in
                clear text, which is for loopback and for a mesh that encrypts on the way.
            priority: ``"batch"`` for work that yields to others; ``"interactive"`` is the default.
            credentials: gRPC's own TLS credentials, instead of ``tls``.
            channel_options: gRPC channel options; they win over the client's own. Without
                ``("grpc.enable_http_proxy", 1)`` no proxy is used, whatever the environment says.
        """
        # What is read once would be at its end where a copy connects.
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
        """What a copy is made of, here or in another process: it opens a connection of its own."""
        if self._credentials is not None:
            raise TypeError(
                "a client with gRPC's own credentials cannot be copied or pickled: give tls=TLS(…)"
            )
        return {name: value for name, value in self.__dict__.items() if name not in _NOT_COPIED}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._reset()

    def _reset(self) -> None:
        """As no connection has been opened yet: what needs one opens it."""
        self._lock = Lock()
        self._is_closed = False
        self._opened = None
        #: Connections of the process that this one is a fork of: to close them is not its affair.
        self._inherited: list[_Opened] = []
        self._known_model: ModelInfo | None = None

    def _open(self) -> _Opened:
        servers = to_servers(self._target)
        # Where an option comes twice, gRPC takes the first.
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
        """The connection of this process, opened where there is none yet."""
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
        """Its channel, where it has one to close; it opens no other."""
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
        """How many requests are under way at once, by default."""
        return self._connection().concurrency

    def _channels(self) -> Any:
        """The module of gRPC that opens channels: the one for threads, or for asyncio."""
        raise NotImplementedError

    def _repeats(self, error: UnavailableError) -> bool:
        """Whether the call that failed so is made once more.

        gRPC makes no other attempt once an answer has begun, as it may be in use already. Here none
        is before it is complete, and to ask again changes nothing. Where the server itself said
        when to come back, or not to, gRPC has done as it says.
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
        # A token of another form would fail in gRPC, whose message shows it.
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
    """Says for which name certificates are checked, where gRPC would not know it."""
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
        # Messages are cut to the server's limits, which are not known before it was asked:
        # gRPC's own limits, which are fixed when the channel is made, must not be narrower.
        ("grpc.max_send_message_length", -1),
        ("grpc.max_receive_message_length", -1),
        ("grpc.per_rpc_retry_buffer_size", _RETRY_BUFFER_BYTES),
        # A proxy for web pages is no way to a server on this machine or in this cluster. The Go
        # client uses none either.
        ("grpc.enable_http_proxy", 0),
        ("grpc.service_config", json.dumps(config)),
    ]
