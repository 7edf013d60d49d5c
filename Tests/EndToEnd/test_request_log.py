"""`--request-log`: a line of JSON for each selected request, and never a client's text."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import grpc
import pytest

from harness.calls import SERVICE, encode, failure, get_model, rank
from harness.http2 import Http2Connection, grpc_headers
from harness.server import ServerProcess
from harness.texts import long_request
from harness.trace_receiver import TraceReceiver
from scimult._generated import scimult_pb2 as pb

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"

SECRET = "a secret never to be seen"

#: The fields of a request that was encoded.
FIELDS = {
    **{"time": str, "level": str, "message": str, "request_id": str, "trace_id": str},
    **{"span_id": str, "method": str, "status": str, "task": str, "peer": str},
    **{"texts": int, "tokens": int},
    **{"duration_ms": float, "queue_ms": float, "encode_ms": float},
}


def request(*texts: str, **options) -> pb.EncodeRequest:
    documents = [pb.Document(text=text) for text in texts]
    return pb.EncodeRequest(documents=documents, **{"task": pb.TASK_SEARCH, **options})


def log(server: ServerProcess) -> list[dict[str, Any]]:
    """Returns the lines of requests, after the server has stopped."""
    server.stop()
    lines = [json.loads(line) for line in server.stderr.splitlines()]
    return [line for line in lines if line["message"] == "request"]


@pytest.fixture
def start(start_server):
    def start(*arguments: str, **options) -> ServerProcess:
        return start_server("--log-format", "json", *arguments, **options)

    return start


def test_a_line_says_all_but_the_texts(start):
    server = start("--request-log", "all")
    with server.channel() as channel:
        metadata = [("traceparent", f"00-{TRACE}-{PARENT}-01")]
        encode(channel, request("cells", "graphs", request_id="r-1"), metadata=metadata)
    (line,) = log(server)
    assert {name: type(value) for name, value in line.items()} == FIELDS
    assert line["level"] == "info"
    assert (line["request_id"], line["trace_id"]) == ("r-1", TRACE)
    assert re.fullmatch("[0-9a-f]{16}", line["span_id"])
    assert line["span_id"] != PARENT
    assert (line["method"], line["status"]) == ("scimult.v1.SciMult/Encode", "OK")
    assert (line["task"], line["texts"], line["tokens"]) == ("search", 2, 6)
    assert re.fullmatch(r"127\.0\.0\.1:\d+", line["peer"])
    assert 0 <= line["queue_ms"] < line["duration_ms"]
    assert 0 < line["encode_ms"] < line["duration_ms"] < 60_000


def test_what_a_request_has_not_come_to_is_left_out(start):
    server = start("--request-log", "all")
    with server.channel() as channel:
        get_model(channel)
        failure(channel, "Encode", b"\xff")
        failure(channel, "Decode", b"")
    model, malformed, unknown = log(server)
    common = {
        "time",
        "level",
        "message",
        "trace_id",
        "span_id",
        "method",
        "status",
        "duration_ms",
        "peer",
    }
    assert model.keys() == malformed.keys() == unknown.keys() == common
    assert [line["status"] for line in (model, malformed, unknown)] == [
        "OK",
        "INVALID_ARGUMENT",
        "UNIMPLEMENTED",
    ]
    assert unknown["method"] == "unknown"


def test_errors_alone(start):
    server = start("--request-log", "errors")
    with server.channel() as channel:
        encode(channel, request("cells"))
        failure(channel, "Encode", request(request_id="bad"))
        call = channel.stream_stream(f"/{SERVICE}/EncodeStream")
        messages = [request("cells"), request(request_id="bad-too"), request("graphs")]
        assert len(list(call((m.SerializeToString() for m in messages), timeout=60))) == 3
    assert [(line["method"].split("/")[1], line["request_id"]) for line in log(server)] == [
        ("Encode", "bad"),
        ("EncodeStream", "bad-too"),
    ]


def test_off_by_default(start):
    server = start()
    with server.channel() as channel:
        encode(channel, request("cells"))
        failure(channel, "Encode", request())
    assert log(server) == []


def test_it_does_not_depend_on_the_level_of_the_log(start):
    server = start("--request-log", "all", "--log-level", "critical")
    with server.channel() as channel:
        encode(channel, request("cells"))
    assert len(log(server)) == 1


def test_a_sample_holds_all_errors_and_is_decided_by_the_trace(start):
    server = start("--request-log", "all", "--request-log-sample", "0.5")
    spread = 0x9E3779B97F4A7C15F39CC0605CEDC835
    traces = [f"{number * spread % (1 << 128):032x}" for number in range(1, 300)]
    with server.channel() as channel:
        for trace in [*traces, *traces]:
            encode(channel, request("cells"), metadata=[("traceparent", f"00-{trace}-{PARENT}-00")])
        for _ in range(20):
            failure(channel, "Encode", request())
    lines = log(server)
    good = [line["trace_id"] for line in lines if line["status"] == "OK"]
    assert all(good.count(trace) == 2 for trace in good)
    assert set(good) == {trace for trace in traces if int(trace[-14:], 16) >= 1 << 55}
    assert sum(line["status"] == "INVALID_ARGUMENT" for line in lines) == 20


def test_a_call_that_its_client_ends(start):
    server = start("--request-log", "errors", "--threads", "1")
    with Http2Connection(server) as connection:
        call = connection.call("Encode", long_request(400).SerializeToString())
        connection.ping()
        connection.reset(call)
        late = connection.open(grpc_headers("Encode", ("grpc-timeout", "50m")), b"\0", end=False)
        connection.response(late)
    cancelled, exceeded = log(server)
    assert cancelled["status"] == "CANCELLED"
    assert exceeded["status"] == "DEADLINE_EXCEEDED"
    assert exceeded["duration_ms"] >= 50


def test_the_text_form(start_server):
    server = start_server("--request-log", "all")
    with server.channel() as channel:
        encode(channel, request("cells", request_id="r-1"))
    server.stop()
    (line,) = [line for line in server.stderr.splitlines() if "method=" in line]
    assert "request_id=r-1" in line
    assert "status=OK" in line


def test_without_request_logs_stay_as_they_are(start):
    server = start("--request-log", "all", "--max-connections", "1000")
    server.stop()
    for line in server.stderr.splitlines():
        assert all(isinstance(value, str) for value in json.loads(line).values())


@pytest.mark.parametrize(
    ("option", "value"), [("--request-log", "some"), ("--request-log-sample", "1.5")]
)
def test_wrong_use(command, tiny_expert, option, value):
    command("serve", "--model", tiny_expert, option, value).fail(2)


# Redaction


def secret_everywhere(channel: grpc.Channel) -> None:
    """Sends the secret in each field that a client can set."""
    documents = [
        pb.Document(id=SECRET, text=SECRET),
        pb.Document(id=SECRET, paper=pb.Paper(title=SECRET, abstract=SECRET)),
    ]
    metadata = [
        ("x-request-id", SECRET),
        ("x-secret", SECRET),
        ("tracestate", f"k={SECRET}!=!"),
        ("authorization", f"Bearer {SECRET}"),
        ("user-agent", SECRET),
    ]
    good = pb.EncodeRequest(task=pb.TASK_SEARCH, documents=documents, request_id=SECRET)
    encode(channel, good, metadata=metadata)
    ranked = pb.RankRequest(
        task=pb.TASK_SEARCH,
        query=documents[0],
        candidates=documents,
        request_id=SECRET,
        return_documents=True,
    )
    rank(channel, ranked, metadata=metadata)
    list(
        channel.stream_stream(f"/{SERVICE}/EncodeStream")(
            iter([good.SerializeToString()]), timeout=60
        )
    )
    # Requests that are refused for any reason.
    failure(channel, "Encode", pb.EncodeRequest(documents=documents, request_id=SECRET))
    failure(channel, "Encode", good, metadata=[("x-scimult-priority", SECRET)])
    encode(channel, good, metadata=[("traceparent", SECRET)])
    failure(
        channel, "Rank", pb.RankRequest(task=pb.TASK_SEARCH, collection=SECRET, query=documents[0])
    )
    failure(channel, SECRET.replace(" ", "_"), b"")
    failure(channel, "Encode", b"\x0a\xff" + SECRET.encode())


@pytest.mark.parametrize("form", ["text", "json"])
def test_texts_are_in_no_log_and_no_span(start_server, form):
    with TraceReceiver() as receiver:
        server = start_server(
            *("--request-log", "all", "--log-format", form, "--log-level", "trace"),
            environment=receiver.environment(),
        )
        with server.channel() as channel:
            secret_everywhere(channel)
        time.sleep(0.1)
        server.stop()
        assert len(receiver.trees) == 9
        sent = b"".join(post.body for post in receiver.posts).lower()
    words = [word for word in re.split(r"\W", SECRET) if len(word) > 4]
    assert words == ["secret", "never"]
    for word in words:
        assert word not in server.stderr.lower()
        assert word.encode() not in sent
