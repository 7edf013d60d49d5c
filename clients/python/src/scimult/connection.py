"""What a client's arguments mean to gRPC: target, credentials, channel options, metadata."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import grpc

from ._generated import scimult_pb2 as pb
from ._generated.scimult_pb2_grpc import SciMultStub
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


class Connection:
    """What both clients share: the channel, and what goes with calls."""

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
                ``"host:port"``. The addresses behind a name, or in a list, share the calls; those
                that do not answer are left out until they do. The names of a list are looked up
                once.
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
            channel_options: gRPC channel options; they win over the client's own.
        """
        if tls and credentials is not None:
            raise ValueError("tls and credentials say the same: give one of them")
        if not 0 <= retries <= RETRIES_MAX:
            raise ValueError(f"retries is {retries}: expected 0 to {RETRIES_MAX}")
        servers = to_servers(target)
        self._call_options: dict[str, Any] = {
            "timeout": timeout,
            "metadata": _metadata(token, priority),
        }
        # Where an option comes twice, gRPC takes the first.
        options = [*channel_options, *_channel_options(retries)]
        if tls:
            settings = tls if isinstance(tls, TLS) else TLS()
            options += _name_options(servers, settings)
            credentials = settings.credentials()
        channels = self._channels()
        self._channel: Any = (
            channels.insecure_channel(servers.target, options)
            if credentials is None
            else channels.secure_channel(servers.target, credentials, options)
        )
        self._stub: Any = SciMultStub(self._channel)  # type: ignore[no-untyped-call]
        self._encode: Any = self._channel.unary_unary(
            "/scimult.v1.SciMult/Encode",
            request_serializer=pb.EncodeRequest.SerializeToString,
            response_deserializer=PackedEncodeResponse.FromString,
        )
        self._repeats_calls = retries > 0
        self._known_model: ModelInfo | None = None
        self._default_concurrency = ITER_CONCURRENCY * servers.count

    def _channels(self) -> Any:
        """The module of gRPC that opens channels: the one for threads, or for asyncio."""
        raise NotImplementedError

    def _repeats(self, error: UnavailableError) -> bool:
        """Whether the call that failed so is made once more.

        gRPC makes no other attempt once an answer has begun, as it may be in use already. Here none
        is before it is complete, and to ask again changes nothing. Where the server itself said
        when to come back, or not to, gRPC has done as it says.
        """
        return self._repeats_calls and not is_pushback(error)


def _metadata(token: str | None, priority: Priority | None) -> tuple[tuple[str, str], ...]:
    metadata = []
    if token is not None:
        # A token of another form would fail in gRPC, whose message shows it.
        if not token or not all("!" <= character <= "~" for character in token):
            raise ValueError("the token is one word of printable ASCII characters")
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
        # A proxy for web pages is no way to a server on this machine or in this cluster.
        ("grpc.enable_http_proxy", 0),
        ("grpc.service_config", json.dumps(config)),
    ]
