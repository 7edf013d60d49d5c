"""Bearer tokens: access to methods."""

from __future__ import annotations

import hashlib
import signal
import time
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

from harness.calls import get_model
from harness.metrics import Metrics
from harness.server import ServerProcess

REREAD_SECONDS_MAX = 10


@pytest.fixture
def tokens(tmp_path: Path) -> Path:
    path = tmp_path / "tokens"
    hashed = hashlib.sha256(b"second").hexdigest()
    path.write_text(f"# of two teams\nfirst\nsha256:{hashed}\n")
    return path


@pytest.fixture
def server(start_server, tokens) -> ServerProcess:
    return start_server("--auth-token-file", tokens)


def bearer(token: str) -> list[tuple[str, str]]:
    return [("authorization", f"Bearer {token}")]


def code_of(channel: grpc.Channel, **options) -> grpc.StatusCode:
    try:
        get_model(channel, **options)
    except grpc.RpcError as error:
        return error.code()
    return grpc.StatusCode.OK


def test_tokens_of_the_file_are_accepted(server):
    with server.channel() as channel:
        for token in ("first", "second"):
            assert get_model(channel, metadata=bearer(token)).name == "tiny-expert"


def test_others_are_refused_and_counted(server):
    others = [None, bearer("third"), bearer("fir"), [("authorization", "first")], bearer("FIRST")]
    with server.channel() as channel:
        for metadata in others:
            with pytest.raises(grpc.RpcError, match="Bearer TOKEN") as caught:
                get_model(channel, metadata=metadata)
            assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
    refused = Metrics.of(server).value("scimult_refusals_total", reason="unauthenticated")
    assert refused == len(others)


def test_body_of_a_refused_call_is_not_read(server):
    """A call without a token costs only its headers."""
    with server.channel() as channel:
        stream = channel.stream_stream("/scimult.v1.SciMult/EncodeStream")
        with pytest.raises(grpc.RpcError) as caught:
            list(stream(iter([bytes(1 << 20)] * 100), timeout=30))
    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED


def test_health_is_open_and_reflection_is_not(server):
    with server.channel() as channel:
        health = health_pb2_grpc.HealthStub(channel)
        assert health.Check(health_pb2.HealthCheckRequest()).status == 1
        with pytest.raises(grpc.RpcError) as caught:
            ProtoReflectionDescriptorDatabase(channel).get_services()
        assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED


def test_health_may_need_a_token(start_server, tokens):
    server = start_server("--auth-token-file", tokens, "--auth-health")
    with server.channel() as channel:
        health = health_pb2_grpc.HealthStub(channel)
        with pytest.raises(grpc.RpcError) as caught:
            health.Check(health_pb2.HealthCheckRequest())
        assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
        answer = health.Check(health_pb2.HealthCheckRequest(), metadata=bearer("first"))
        assert answer.status == 1


@pytest.mark.parametrize("tell", [True, False], ids=["SIGHUP", "by itself"])
def test_file_is_read_again(server, tokens, tell):
    with server.channel() as channel:
        assert code_of(channel, metadata=bearer("third")) is grpc.StatusCode.UNAUTHENTICATED
        tokens.write_text("third\n")
        if tell:
            server.signal(signal.SIGHUP)
        end = time.monotonic() + REREAD_SECONDS_MAX
        while code_of(channel, metadata=bearer("third")) is not grpc.StatusCode.OK:
            assert time.monotonic() < end
            time.sleep(0.05)
        assert code_of(channel, metadata=bearer("first")) is grpc.StatusCode.UNAUTHENTICATED


def test_tokens_are_never_logged(start_server, tokens):
    server = start_server("--auth-token-file", tokens, "--log-level", "trace")
    with server.channel() as channel:
        for token in ("first", "an-unknown-secret"):
            code_of(channel, metadata=bearer(token))
    server.stop()
    assert "first" not in server.stderr
    assert "an-unknown-secret" not in server.stderr


def test_file_that_is_wrong_is_named(command, tiny_expert, tmp_path):
    path = tmp_path / "tokens"
    for text in ("", "# none\n", "good\ntwo words\n"):
        path.write_text(text)
        line = command(
            "serve", "--model", tiny_expert, "--admin", "off", "--auth-token-file", path
        ).fail_in_one_line()
        assert str(path) in line


def test_reflection_may_be_off(start_server):
    server = start_server("--no-reflection")
    with server.channel() as channel:
        with pytest.raises(grpc.RpcError) as caught:
            ProtoReflectionDescriptorDatabase(channel).get_services()
        assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
        assert get_model(channel).name == "tiny-expert"


@pytest.mark.parametrize(
    ("options", "warns"),
    [([], True), (["--auth-token-file"], False)],
    ids=["neither TLS nor tokens", "tokens"],
)
def test_listening_to_other_machines(start_server, tokens, options, warns):
    server = start_server(*[*options, *([tokens] if options else [])], listen="0.0.0.0:0")
    server.stop()
    assert ("open to other machines" in server.stderr) is warns


def test_listening_to_this_machine_warns_of_nothing(start_server):
    server = start_server()
    server.stop()
    assert "open to other machines" not in server.stderr
