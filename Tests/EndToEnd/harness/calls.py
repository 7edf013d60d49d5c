"""Unary calls with any request bytes through grpcio."""

from __future__ import annotations

from typing import Any

import grpc

from scimult import ScimultError
from scimult._generated import scimult_pb2 as pb
from scimult.error_details import to_error

CALL_SECONDS_MAX = 60

SERVICE = "scimult.v1.SciMult"
COLLECTIONS = "scimult.v1.Collections"


def call(
    channel: grpc.Channel, method: str, request: bytes | Any, *, service: str = SERVICE, **options
) -> bytes:
    """Returns the response to a request of any bytes, as bytes."""
    payload = request if isinstance(request, bytes) else request.SerializeToString()
    unary = channel.unary_unary(f"/{service}/{method}")
    return unary(payload, timeout=options.pop("timeout", CALL_SECONDS_MAX), **options)


def failure(
    channel: grpc.Channel, method: str, request: bytes | Any, *, service: str = SERVICE, **options
) -> ScimultError:
    """Returns the error of a call that must fail."""
    try:
        call(channel, method, request, service=service, **options)
    except grpc.RpcError as error:
        return to_error(error)
    raise AssertionError(f"{method} answered what it should refuse")


def encode(channel: grpc.Channel, request: pb.EncodeRequest, **options) -> pb.EncodeResponse:
    return pb.EncodeResponse.FromString(call(channel, "Encode", request, **options))


def rank(channel: grpc.Channel, request: pb.RankRequest, **options) -> pb.RankResponse:
    return pb.RankResponse.FromString(call(channel, "Rank", request, **options))


def get_model(channel: grpc.Channel, **options) -> pb.Model:
    return pb.Model.FromString(call(channel, "GetModel", pb.GetModelRequest(), **options))
