"""grpc-timeout: parsed strictly, and applied while a request waits."""

from __future__ import annotations

import grpc
import pytest

from harness.http2 import Http2Connection
from harness.texts import long_request
from scimult._generated import scimult_pb2 as pb

OK = grpc.StatusCode.OK.value[0]
INTERNAL = grpc.StatusCode.INTERNAL.value[0]
DEADLINE_EXCEEDED = grpc.StatusCode.DEADLINE_EXCEEDED.value[0]

REQUEST = pb.EncodeRequest(
    task=pb.TASK_SEARCH, documents=[pb.Document(text="text")]
).SerializeToString()


def status_with_timeout(server, timeout: str) -> tuple[int, str]:
    with Http2Connection(server) as connection:
        stream = connection.call("Encode", REQUEST, ("grpc-timeout", timeout))
        status = connection.response(stream).status()
        assert connection.response(connection.call("Encode", REQUEST)).status()[0] == OK
    return status


@pytest.mark.parametrize(
    "timeout", ["1H", "99999999H", "10M", "60S", "00000060S", "60000m", "99999999u"]
)
def test_time_enough(server, timeout):
    assert status_with_timeout(server, timeout)[0] == OK


@pytest.mark.parametrize(
    "timeout",
    ["", "S", "10", "1s", "1h", "-1S", "+1S", "1.5S", "1 S", "0x1S", "123456789S", "1SS"],
)
def test_malformed(server, timeout):
    code, message = status_with_timeout(server, timeout)
    assert code == INTERNAL
    assert "malformed grpc-timeout" in message


@pytest.mark.parametrize("timeout", ["0S", "0n", "00000000H", "1n"])
def test_already_over(server, timeout):
    assert status_with_timeout(server, timeout)[0] == DEADLINE_EXCEEDED


def test_over_while_the_model_is_busy(start_server):
    server = start_server("--threads", "1")
    with Http2Connection(server) as connection:
        busy = connection.call("Encode", long_request(50).SerializeToString())
        waiting = connection.call("Encode", REQUEST, ("grpc-timeout", "20m"))
        long = connection.call(
            "Encode", long_request(50).SerializeToString(), ("grpc-timeout", "20m")
        )
        assert connection.response(waiting).status()[0] in (OK, DEADLINE_EXCEEDED)
        assert connection.response(long).status()[0] == DEADLINE_EXCEEDED
        assert connection.response(busy).status()[0] == OK
