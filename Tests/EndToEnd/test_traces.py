"""Traces: a caller's trace is continued, and spans are sent to an OTLP receiver asynchronously."""

from __future__ import annotations

import itertools
import signal
import socket
import subprocess
import time
from pathlib import Path

import grpc
import grpc_health.v1.health_pb2 as health
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from harness.calls import SERVICE, encode, failure, get_model, rank
from harness.certificates import Authority
from harness.http2 import Http2Connection
from harness.metrics import Metrics
from harness.server import ServerProcess
from harness.texts import long_request
from harness.trace_receiver import QUICK, TraceReceiver, Tree, attributes
from scimult._generated import scimult_pb2 as pb

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"
SAMPLED = ("traceparent", f"00-{TRACE}-{PARENT}-01")
NOT_SAMPLED = ("traceparent", f"00-{TRACE}-{PARENT}-00")

PARTS = ["receive", "tokenize", "queue", "encode", "respond"]

#: The system's trusted certificate authorities.
SYSTEM_AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"

#: The maximum time by which an unresponsive receiver may delay the server's stop.
STOP_SECONDS_MAX = 5


def request(*texts: str, **options) -> pb.EncodeRequest:
    documents = [pb.Document(text=text) for text in texts]
    return pb.EncodeRequest(documents=documents, **{"task": pb.TASK_SEARCH, **options})


def stream(channel: grpc.Channel, method: str, requests: list[bytes], **options) -> list[bytes]:
    call = channel.stream_stream(f"/{SERVICE}/{method}")
    return list(call(iter(requests), timeout=60, **options))


def check_times(tree: Tree) -> None:
    """Checks that child spans lie within the request and follow one another."""
    root, parts = tree.root, [tree.parts[name] for name in PARTS if name in tree.parts]
    assert root.start_time_unix_nano == parts[0].start_time_unix_nano
    assert root.end_time_unix_nano == parts[-1].end_time_unix_nano
    assert all(part.start_time_unix_nano <= part.end_time_unix_nano for part in parts)
    for one, next_one in itertools.pairwise(parts):
        assert one.end_time_unix_nano <= next_one.start_time_unix_nano, (one.name, next_one.name)
    assert abs(root.end_time_unix_nano / 1e9 - time.time()) < 60


def dropped(server: ServerProcess) -> float:
    return Metrics.of(server).value("scimult_spans_dropped_total")


# Contents of a span


def test_a_callers_trace_is_continued(start_server):
    with TraceReceiver() as receiver:
        server = start_server(environment=receiver.environment())
        with server.channel() as channel:
            metadata = [SAMPLED, ("tracestate", "rojo=1"), ("tracestate", "congo=2")]
            encode(channel, request("cells", "graphs", request_id="r-1"), metadata=metadata)
        (tree,) = receiver.wait_for_trees(1)
    root = tree.root
    assert (root.trace_id.hex(), root.parent_span_id.hex()) == (TRACE, PARENT)
    assert root.trace_state == "rojo=1,congo=2"
    assert root.flags == 0x301, "sampled, and the parent is remote"
    assert root.name == "scimult.v1.SciMult/Encode"
    assert root.status.code == Status.STATUS_CODE_UNSET
    known = tree.attributes
    assert 1024 <= known.pop("network.peer.port") < 65536
    assert known == {
        "rpc.system": "grpc",
        "rpc.service": "scimult.v1.SciMult",
        "rpc.method": "Encode",
        "rpc.grpc.status_code": 0,
        "network.peer.address": "127.0.0.1",
        "scimult.request_id": "r-1",
        "scimult.task": "search",
        "scimult.texts": 2,
        "scimult.tokens": 6,
        "scimult.cached_texts": 0,
    }
    assert sorted(tree.parts) == sorted(PARTS)
    for part in tree.parts.values():
        assert part.trace_id == root.trace_id
        assert part.kind == Span.SPAN_KIND_INTERNAL
        assert not part.attributes
    check_times(tree)


def test_without_a_caller_each_request_begins_a_trace(start_server):
    with TraceReceiver() as receiver:
        server = start_server(environment=receiver.environment())
        with server.channel() as channel:
            encode(channel, request("cells"))
            encode(
                channel, request("cells", "graphs"), metadata=[("traceparent", "00-no-trace-01")]
            )
            query = pb.Document(text="cells")
            rank(channel, pb.RankRequest(task=pb.TASK_SEARCH, query=query, candidates=[query]))
            get_model(channel)
        trees = receiver.wait_for_trees(4)
        spans = receiver.spans
    assert len({tree.root.trace_id for tree in trees}) == 4
    assert all(tree.root.parent_span_id == b"" for tree in trees)
    assert len({span.span_id for span in spans}) == len(spans)
    cached = [tree.attributes.get("scimult.cached_texts") for tree in trees]
    assert cached == [0, 1, 1, None], "a query and a candidate are not the same to the encoder"
    assert sorted(trees[3].parts) == ["receive", "respond"]
    for tree in trees:
        check_times(tree)


def test_what_the_cache_knows_is_not_encoded(start_server):
    with TraceReceiver() as receiver:
        server = start_server(environment=receiver.environment())
        with server.channel() as channel:
            for _ in range(2):
                encode(channel, request("cells"))
        _, tree = receiver.wait_for_trees(2)
    assert sorted(tree.parts) == ["queue", "receive", "respond", "tokenize"]
    assert tree.attributes["scimult.cached_texts"] == 1
    check_times(tree)


def test_each_message_of_a_stream_is_a_child_of_the_caller(start_server):
    with TraceReceiver() as receiver:
        server = start_server(environment=receiver.environment())
        messages = [request(f"cells {n}", request_id=f"{n}").SerializeToString() for n in range(5)]
        with server.channel() as channel:
            replies = stream(channel, "EncodeStream", [*messages, b"\xff"], metadata=[SAMPLED])
            assert len(replies) == 6
        trees = receiver.wait_for_trees(6)
    for tree in trees:
        assert (tree.root.trace_id.hex(), tree.root.parent_span_id.hex()) == (TRACE, PARENT)
        assert tree.root.name == "scimult.v1.SciMult/EncodeStream"
        check_times(tree)
    good = [tree for tree in trees if tree.attributes["rpc.grpc.status_code"] == 0]
    assert {tree.attributes["scimult.request_id"] for tree in good} == set("01234")
    assert all(sorted(tree.parts) == sorted(PARTS) for tree in good)
    (bad,) = [tree for tree in trees if tree not in good]
    assert bad.attributes["rpc.grpc.status_code"] == 3


def test_a_message_that_comes_slowly_and_an_answer_that_waits(start_server):
    with TraceReceiver() as receiver:
        server = start_server(
            "--threads", "1", "--cache-bytes", "0", environment=receiver.environment()
        )
        with Http2Connection(server) as connection:
            body = b"\0" + len(request("cells").SerializeToString()).to_bytes(4, "big")
            slow = connection.open(
                [
                    (":method", "POST"),
                    (":scheme", "http"),
                    (":path", f"/{SERVICE}/Encode"),
                    (":authority", "localhost"),
                    ("content-type", "application/grpc"),
                    ("te", "trailers"),
                ],
                body,
                end=False,
            )
            connection.ping()
            time.sleep(0.2)
            connection.send(slow, request("cells").SerializeToString())
            connection.response(slow)
            long = connection.call("Encode", long_request(100).SerializeToString())
            short = connection.call("Encode", request("cells").SerializeToString())
            connection.response(long)
            connection.response(short)
        trees = receiver.wait_for_trees(3)

    def milliseconds(tree: Tree, part: str) -> float:
        span = tree.parts[part]
        return (span.end_time_unix_nano - span.start_time_unix_nano) / 1e6

    assert milliseconds(trees[0], "receive") >= 200
    long_one = next(tree for tree in trees if tree.attributes["scimult.texts"] == 100)
    short_one = trees[2] if long_one is not trees[2] else trees[1]
    assert milliseconds(long_one, "encode") > milliseconds(trees[0], "encode")
    assert milliseconds(short_one, "queue") >= 0
    for tree in trees:
        check_times(tree)


def test_errors(start_server):
    with TraceReceiver() as receiver:
        server = start_server(environment=receiver.environment())
        with server.channel() as channel:
            failure(channel, "Encode", request())
            failure(channel, "Encode", b"\xff")
            failure(channel, "Decode", b"")
            failure(
                channel, "Encode", request("t"), timeout=60, metadata=[("x-scimult-priority", "no")]
            )
            check = channel.unary_unary("/grpc.health.v1.Health/Check")
            check(health.HealthCheckRequest().SerializeToString(), timeout=30)
        with Http2Connection(server) as connection:
            gone = connection.call("Encode", long_request(400).SerializeToString())
            connection.ping()
            connection.reset(gone)
            connection.ping()
        trees = receiver.wait_for_trees(6)
    told = [
        (tree.root.name, tree.attributes["rpc.grpc.status_code"], tree.root.status.code)
        for tree in trees
    ]
    assert told == [
        ("scimult.v1.SciMult/Encode", 3, Status.STATUS_CODE_UNSET),
        ("scimult.v1.SciMult/Encode", 3, Status.STATUS_CODE_UNSET),
        ("unknown", 12, Status.STATUS_CODE_ERROR),
        ("scimult.v1.SciMult/Encode", 3, Status.STATUS_CODE_UNSET),
        ("grpc.health.v1.Health/Check", 0, Status.STATUS_CODE_UNSET),
        ("scimult.v1.SciMult/Encode", 1, Status.STATUS_CODE_UNSET),
    ]
    assert all(not tree.root.status.message for tree in trees)
    for tree in trees:
        check_times(tree)


def test_what_is_posted(start_server):
    with TraceReceiver() as receiver:
        server = start_server(
            environment=receiver.environment(
                OTEL_EXPORTER_OTLP_HEADERS="api-key=a%20b,x-tenant=7",
                OTEL_RESOURCE_ATTRIBUTES="deployment.environment.name=test",
                OTEL_SERVICE_NAME="papers",
            )
        )
        with server.channel() as channel:
            encode(channel, request("cells"))
        receiver.wait_for_trees(1)
        post = receiver.posts[0]
    assert post.path == "/v1/traces"
    assert post.headers["content-type"] == "application/x-protobuf"
    assert (post.headers["api-key"], post.headers["x-tenant"]) == ("a b", "7")
    assert "traceparent" not in post.headers
    (resource,) = post.request.resource_spans
    known = attributes(resource.resource.attributes)
    assert known["service.name"] == "papers"
    assert known["deployment.environment.name"] == "test"
    assert known["telemetry.sdk.language"] == "swift"
    (scope,) = resource.scope_spans
    assert scope.scope.name == "scimult"
    assert scope.scope.version == known["service.version"]


# Sampling


def test_a_caller_decides_by_default(start_server):
    with TraceReceiver() as receiver:
        server = start_server(environment=receiver.environment())
        with server.channel() as channel:
            for number in range(3):
                encode(channel, request(f"cells {number}"), metadata=[NOT_SAMPLED])
            encode(channel, request("cells", request_id="sampled"), metadata=[SAMPLED])
        server.stop()
        (tree,) = receiver.trees
    assert tree.attributes["scimult.request_id"] == "sampled"


@pytest.mark.parametrize(
    ("sampler", "argument", "least", "most"),
    [
        ("always_on", "", 400, 400),
        ("always_off", "", 0, 0),
        ("traceidratio", "0.25", 55, 150),
        ("parentbased_traceidratio", "0.25", 55, 150),
        ("parentbased_always_off", "", 0, 0),
    ],
)
def test_samplers(start_server, sampler, argument, least, most):
    variables = {"OTEL_TRACES_SAMPLER": sampler, "OTEL_TRACES_SAMPLER_ARG": argument}
    with TraceReceiver() as receiver:
        server = start_server(environment=receiver.environment(**variables))
        with server.channel() as channel:
            replies = stream(channel, "EncodeStream", [request("cells").SerializeToString()] * 400)
            assert len(replies) == 400
        server.stop()
        assert least <= len(receiver.trees) <= most


# Failing receivers


def test_the_last_spans_go_before_the_stop(start_server):
    with TraceReceiver() as receiver:
        variables = receiver.environment(OTEL_BSP_SCHEDULE_DELAY="1000000")
        server = start_server(environment=variables)
        with server.channel() as channel:
            for number in range(20):
                encode(channel, request(f"cells {number}"))
        assert receiver.spans == []
        server.stop()
        assert len(receiver.trees) == 20
    assert "spans" not in server.stderr


def answered_while_the_receiver_fails(server: ServerProcess, calls: int = 50) -> float:
    """Returns the seconds of the slowest of some calls."""
    slowest = 0.0
    with server.channel() as channel:
        for number in range(calls):
            start = time.monotonic()
            assert len(encode(channel, request(f"cells {number}")).embeddings) == 1
            slowest = max(slowest, time.monotonic() - start)
    return slowest


def stop_seconds(server: ServerProcess) -> float:
    start = time.monotonic()
    server.signal(signal.SIGTERM)
    assert server.wait() == 0
    return time.monotonic() - start


def test_no_receiver(start_server):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{unused.getsockname()[1]}"
        server = start_server(environment={"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, **QUICK})
        assert answered_while_the_receiver_fails(server) < 5
        assert stop_seconds(server) < STOP_SECONDS_MAX + 5
    assert server.stderr.count("spans cannot be exported") == 1


def test_a_receiver_that_does_not_answer(start_server):
    with TraceReceiver() as receiver:
        receiver.answer.clear()
        server = start_server(environment=receiver.environment(OTEL_EXPORTER_OTLP_TIMEOUT="60000"))
        assert answered_while_the_receiver_fails(server) < 5
        receiver.wait_until(lambda: len(receiver.posts) == 1, "post")
        assert stop_seconds(server) < STOP_SECONDS_MAX + 5


def test_a_receiver_that_is_busy_gets_the_spans_again(start_server):
    with TraceReceiver(status=503) as receiver:
        server = start_server(environment=receiver.environment())
        assert answered_while_the_receiver_fails(server, calls=10) < 5
        receiver.wait_until(lambda: len(receiver.posts) > 2, "third post")
        assert dropped(server) == 0
        receiver.status = 200
        trees = receiver.wait_for_trees(10)
        server.stop()
        assert len(receiver.spans) == 10 * (len(PARTS) + 1)
    for tree in trees:
        check_times(tree)
    assert server.stderr.count("spans cannot be exported: HTTP 503") == 1
    assert server.stderr.count("spans are exported again") == 1


def test_a_receiver_that_refuses(start_server):
    with TraceReceiver(status=400) as receiver:
        server = start_server(environment=receiver.environment())
        with server.channel() as channel:
            encode(channel, request("cells"))
            receiver.wait_until(lambda: dropped(server) == 6, "drop")
        assert Metrics.of(server).value("scimult_spans_exported_total") == 0
        server.stop()
    assert server.stderr.count("spans are refused: HTTP 400") == 1


def test_a_receiver_that_takes_a_part(start_server):
    with TraceReceiver(rejected_spans=2) as receiver:
        server = start_server(environment=receiver.environment())
        with server.channel() as channel:
            encode(channel, request("cells"))
            receiver.wait_until(lambda: dropped(server) > 0, "drop")
            metrics = Metrics.of(server)
        posts = len(receiver.posts)
    assert metrics.value("scimult_spans_dropped_total") == 2 * posts
    assert metrics.value("scimult_spans_exported_total") == 6 - 2 * posts


def test_a_full_queue_drops_spans_and_counts_them(start_server):
    limits = {"OTEL_BSP_MAX_QUEUE_SIZE": "30", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "10"}
    with TraceReceiver() as receiver:
        receiver.answer.clear()
        server = start_server(environment=receiver.environment(**limits))
        with server.channel() as channel:
            replies = stream(
                channel,
                "EncodeStream",
                [request(f"cells {number}").SerializeToString() for number in range(100)],
            )
            assert len(replies) == 100
        assert dropped(server) >= 100 * 5 - 30 - 10
        receiver.answer.set()
        server.stop()
        assert len(receiver.spans) <= 40


# Over TLS


def test_a_receiver_over_tls(start_server, tmp_path):
    authority = Authority(tmp_path)
    with TraceReceiver(identity=authority.issue("receiver")) as receiver:
        server = start_server(environment=receiver.environment(), launcher=trusting(authority.file))
        with server.channel() as channel:
            encode(channel, request("cells"))
            encode(channel, request("graphs"))
        receiver.wait_for_trees(2)
        server.stop()
    assert "spans" not in server.stderr


def test_a_receiver_that_nobody_vouches_for(start_server, tmp_path):
    with TraceReceiver(identity=Authority(tmp_path).issue("receiver")) as receiver:
        server = start_server(environment=receiver.environment())
        assert answered_while_the_receiver_fails(server, calls=3) < 5
        server.stop()
        assert receiver.posts == []
    assert server.stderr.count("spans cannot be exported") == 1
    assert "CERTIFICATE_VERIFY_FAILED" in server.stderr


def trusting(authority: Path) -> list[str]:
    """Returns a launcher for a program in which the system trusts only one authority."""
    mounted = f'mount --bind {authority} {SYSTEM_AUTHORITIES} && exec "$0" "$@"'
    launcher = ["unshare", "--mount", "sh", "-c", mounted]
    if subprocess.run([*launcher, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("mounts of its own cannot be had here")
    return launcher


# Disabled and impossible configurations


def test_without_an_endpoint_nothing_is_traced(start_server):
    with TraceReceiver() as receiver:
        for variables in ({}, {**receiver.environment(), "OTEL_SDK_DISABLED": "true"}):
            server = start_server(environment=variables)
            with server.channel() as channel:
                encode(channel, request("cells"), metadata=[SAMPLED])
            assert dropped(server) == 0
            server.stop()
        assert receiver.posts == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_TRACES_SAMPLER", "sometimes"),
        ("OTEL_TRACES_SAMPLER_ARG", "2"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318"),
    ],
)
def test_what_cannot_be_honoured_is_refused_at_the_start(command, tiny_expert, name, value):
    environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", name: value}
    line = command("serve", "--model", tiny_expert, environment=environment).fail_in_one_line()
    assert line.startswith(f'scimult: {name} is "{value}":')
