"""Complete calls by programs that support HTTP/2 but not gRPC: curl and nghttp."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
from google.protobuf.message import Message
from grpc_health.v1 import health_pb2

from harness.calls import SERVICE
from harness.wire import frame, unframe
from scimult._generated import scimult_pb2 as pb

HEALTH = "grpc.health.v1.Health"

GRPC_FIELDS = ["content-type: application/grpc", "te: trailers"]

REQUEST = pb.EncodeRequest(task=pb.TASK_SEARCH, documents=[pb.Document(text="text")])

#: Calls that are refused after their message was read: method, message, status, error text.
REFUSED = [
    (f"{SERVICE}/Encode", pb.EncodeRequest(), grpc.StatusCode.INVALID_ARGUMENT, "task"),
    (
        f"{HEALTH}/Check",
        health_pb2.HealthCheckRequest(service="other"),
        grpc.StatusCode.NOT_FOUND,
        "other",
    ),
]

#: Calls that are refused by their headers. Some versions of curl hang if the complete response
#: arrives before they have sent their body.
REFUSED_EARLY = [(f"{SERVICE}/Decode", REQUEST, grpc.StatusCode.UNIMPLEMENTED, "Decode")]


@pytest.fixture
def body(tmp_path):
    """Writes a message, with gRPC's prefix, to a file."""

    def write(message: Message) -> Path:
        path = tmp_path / "request"
        path.write_bytes(frame(message.SerializeToString()))
        return path

    return write


class TestCurl:
    @dataclass
    class Response:
        #: Header fields as curl writes them; the trailers follow an empty line.
        fields: str
        body: bytes

        @property
        def trailers(self) -> str:
            return self.fields.strip().rpartition("\n\n")[2]

    @pytest.fixture
    def curl(self, server, tmp_path):
        def call(path: str, *arguments: str | Path) -> TestCurl.Response:
            fields, answer = tmp_path / "fields", tmp_path / "response"
            options = ["--silent", "--show-error", "--noproxy", "*", "--http2-prior-knowledge"]
            files = ["--dump-header", fields, "--output", answer]
            url = f"http://{server.grpc}/{path}"
            subprocess.run(
                ["curl", *options, "--max-time", "30", *files, *arguments, url], check=True
            )
            return TestCurl.Response(fields.read_text().replace("\r", ""), answer.read_bytes())

        return call

    @pytest.fixture
    def call(self, curl, body):
        def call(method: str, message: Message) -> TestCurl.Response:
            fields = [word for field in GRPC_FIELDS for word in ("--header", field)]
            return curl(method, *fields, "--data-binary", f"@{body(message)}")

        return call

    def test_encodes(self, call):
        response = call(f"{SERVICE}/Encode", REQUEST)
        assert response.fields.startswith("HTTP/2 200")
        assert response.trailers == "grpc-status: 0"
        assert len(pb.EncodeResponse.FromString(unframe(response.body)).embeddings) == 1

    def test_asks_for_health(self, call):
        response = call(f"{HEALTH}/Check", health_pb2.HealthCheckRequest(service=SERVICE))
        health = health_pb2.HealthCheckResponse.FromString(unframe(response.body))
        assert health.status == health_pb2.HealthCheckResponse.SERVING

    @pytest.mark.parametrize(("method", "message", "code", "word"), REFUSED)
    def test_is_refused(self, call, method, message, code, word):
        response = call(method, message)
        assert response.fields.startswith("HTTP/2 200")
        assert f"grpc-status: {code.value[0]}\n" in response.fields
        (said,) = [line for line in response.fields.splitlines() if "grpc-message" in line]
        assert word in said
        assert response.body == b""

    def test_posts_json(self, curl):
        response = curl(
            f"{SERVICE}/Encode", "--header", "content-type: application/json", "--data", "{}"
        )
        assert response.fields.startswith("HTTP/2 415")
        assert b"application/grpc" in response.body

    def test_gets(self, curl):
        assert curl("").fields.startswith("HTTP/2 405")


class TestNghttp:
    @pytest.fixture
    def call(self, server, body):
        def call(method: str, message: Message, *options: str) -> str:
            ended = subprocess.run(
                [
                    *("nghttp", "--verbose", "--null-out", "--timeout=30"),
                    *(f"--header={field}" for field in GRPC_FIELDS),
                    *(f"--data={body(message)}", *options, f"http://{server.grpc}/{method}"),
                ],
                capture_output=True,
                text=True,
                check=True,
            )
            assert "recv GOAWAY" not in ended.stdout
            assert "RST_STREAM" not in ended.stdout
            return ended.stdout

        return call

    @pytest.mark.parametrize(
        "options",
        [
            pytest.param([], id="plain"),
            pytest.param(["--padding=200"], id="padding"),
            pytest.param(["--window-bits=4"], id="window of 15 B"),
            pytest.param(["--header-table-size=0", "--header-table-size=4K"], id="table sizes"),
            pytest.param(["--encoder-header-table-size=0"], id="nothing indexed"),
            pytest.param(["--trailer=x-trace: 1"], id="trailers"),
            pytest.param(["--no-dep"], id="no dependencies"),
            pytest.param(["--no-content-length"], id="no content-length"),
        ],
    )
    def test_encodes(self, call, options):
        shown = call(f"{SERVICE}/Encode", REQUEST, *options)
        assert shown.count("grpc-status: 0") == 1

    def test_encodes_many_at_once(self, call):
        shown = call(f"{SERVICE}/Encode", REQUEST, "--multiply=100")
        assert shown.count("grpc-status: 0") == 100

    @pytest.mark.parametrize(("method", "message", "code", "word"), REFUSED + REFUSED_EARLY)
    def test_is_refused(self, call, method, message, code, word):
        shown = call(method, message)
        assert f"grpc-status: {code.value[0]}\n" in shown
        (said,) = [line for line in shown.splitlines() if "grpc-message" in line]
        assert word in said

    def test_asks_for_health(self, call):
        shown = call(f"{HEALTH}/Check", health_pb2.HealthCheckRequest())
        assert "grpc-status: 0" in shown
