"""grpc-go: the program of go-client/, whose gRPC and HTTP/2 share no code with grpcio's."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.calls import encode
from harness.server import ServerProcess
from scimult._generated import scimult_pb2 as pb

REPOSITORY = Path(__file__).resolve().parents[2]

#: The first build compiles grpc-go.
BUILD_SECONDS_MAX = 600
SCENARIO_SECONDS_MAX = 90

RunScenario = Callable[[str, ServerProcess], Any]


@pytest.fixture(scope="module")
def go_client(tmp_path_factory) -> Path:
    program = tmp_path_factory.mktemp("go") / "go-client"
    build = ["scripts/go_offline.sh", "Tests/EndToEnd/go-client", "build", "-o", program, "."]
    built = subprocess.run(
        build,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=BUILD_SECONDS_MAX,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    return program


@pytest.fixture(scope="module")
def idle_client(go_client, server) -> Iterator[subprocess.Popen]:
    """Runs a client that waits ten seconds for its first keepalive ping, during the other tests."""
    with subprocess.Popen(
        [go_client, "keepalive", server.grpc], stdout=subprocess.PIPE, text=True
    ) as client:
        yield client
        client.kill()


@pytest.fixture
def run(go_client, idle_client) -> RunScenario:
    """Runs a scenario and returns the client's report."""

    def run_scenario(name: str, server: ServerProcess) -> Any:
        ended = subprocess.run(
            [go_client, name, server.grpc],
            capture_output=True,
            text=True,
            timeout=SCENARIO_SECONDS_MAX,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout)

    return run_scenario


@pytest.fixture
def small_server(start_server) -> ServerProcess:
    """A server whose queue the client's long requests fill."""
    return start_server("--threads", "1", "--cache-bytes", "0", "--max-queue-tokens", "2000")


def test_unary(run, server, channel):
    outcome = run("unary", server)
    assert outcome["model"] == "tiny-expert"
    assert outcome["request_id"] == "7"
    alone = pb.EncodeRequest(
        task=pb.TASK_SEARCH, documents=[pb.Document(text="mixture of experts")]
    )
    expected = encode(channel, alone).embeddings[0].values
    np.testing.assert_allclose(outcome["values"], expected, rtol=0, atol=1e-5)


def test_many_calls_at_once(run, server):
    outcome = run("concurrent", server)
    assert outcome == {"codes": {"OK": 512}, "strangers": 0, "connections": 1}


def test_metadata(run, server):
    outcome = run("metadata", server)
    assert outcome == {"interactive": "OK", "batch": "OK", "urgent": "InvalidArgument"}


def test_gzip(run, server):
    outcome = run("gzip", server)
    np.testing.assert_allclose(outcome["packed"], outcome["plain"], rtol=0, atol=1e-5)
    assert outcome["unpacked"] == 1, "the reply to the compressed request is compressed"


def test_stream(run, server):
    outcome = run("stream", server)
    assert sorted(map(int, outcome["ids"])) == list(range(500))
    assert outcome["refused"] == 0


@pytest.mark.parametrize(
    ("scenario", "code"),
    [
        ("deadline", "DeadlineExceeded"),
        ("cancel", "Canceled"),
        ("cancel-stream", "Canceled"),
    ],
)
def test_what_is_left_makes_room(run, small_server, scenario, code):
    """The queue has space for the next call only if the cancelled one has left it."""
    outcome = run(scenario, small_server)
    assert outcome == {"code": code, "next": "OK", "connections": 1}


def test_error_details(run, server):
    outcome = run("details", server)
    assert outcome["code"] == "InvalidArgument"
    assert outcome["fields"] == ["task"]
    assert "task" in outcome["message"]


def test_health(run, server):
    assert run("health", server) == {
        "": "SERVING",
        "scimult.v1.SciMult": "SERVING",
        "other.Service": "NotFound",
        "watch": "SERVING",
    }


def test_keepalive(idle_client):
    stdout, _ = idle_client.communicate(timeout=SCENARIO_SECONDS_MAX)
    assert json.loads(stdout) == {"code": "OK", "connections": 1, "state": "READY"}
