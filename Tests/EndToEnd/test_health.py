"""Health checks, with the client of the package grpcio-health-checking."""

from __future__ import annotations

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from harness.calls import SERVICE

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
SERVICE_UNKNOWN = health_pb2.HealthCheckResponse.SERVICE_UNKNOWN


def check(channel: grpc.Channel, service: str) -> int:
    stub = health_pb2_grpc.HealthStub(channel)
    return stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=30).status


@pytest.mark.parametrize("service", ["", SERVICE])
def test_a_server_that_is_ready_serves(channel, service):
    assert check(channel, service) == SERVING


def test_a_service_that_is_not_there_is_not_found(channel):
    with pytest.raises(grpc.RpcError, match=r"other\.Service") as caught:
        check(channel, "other.Service")
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


def test_who_watches_hears_of_the_end(start_server):
    server = start_server()
    with server.channel() as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        replies = stub.Watch(health_pb2.HealthCheckRequest(service=SERVICE), timeout=60)
        assert next(replies).status == SERVING
        unknown = stub.Watch(health_pb2.HealthCheckRequest(service="other"), timeout=60)
        assert next(unknown).status == SERVICE_UNKNOWN
        server.process.terminate()
        assert [reply.status for reply in replies] == [NOT_SERVING]
        with pytest.raises(grpc.RpcError) as caught:
            next(unknown)
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    assert server.wait() == 0, "watchers do not hold up the end"


def test_who_watches_may_leave(channel):
    stub = health_pb2_grpc.HealthStub(channel)
    replies = stub.Watch(health_pb2.HealthCheckRequest(), timeout=60)
    assert next(replies).status == SERVING
    replies.cancel()
    assert check(channel, "") == SERVING
