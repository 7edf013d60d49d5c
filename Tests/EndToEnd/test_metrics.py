"""`/metrics` counts events in Prometheus' format, and Prometheus reads it."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable
from pathlib import Path

import grpc
import grpc_health.v1.health_pb2 as health
import pytest

from harness.admin import get
from harness.calls import COLLECTIONS, SERVICE, encode, failure, get_model, rank
from harness.document_blocks import blocks
from harness.http2 import Http2Connection, grpc_headers
from harness.metrics import Metrics
from harness.prometheus import Prometheus, check_metrics
from harness.server import ServerProcess
from harness.texts import long_request, long_text
from harness.wire import frame
from scimult._generated import scimult_pb2 as pb

OPERATIONS = Path(__file__).resolve().parents[2] / "docs/operations.md"

OK = 0
CANCELLED = 1


def request(*texts: str, **options) -> pb.EncodeRequest:
    documents = [pb.Document(text=text) for text in texts]
    return pb.EncodeRequest(documents=documents, **{"task": pb.TASK_SEARCH, **options})


def requests_total(metrics: Metrics) -> dict[tuple[str, ...], float]:
    """Returns the counts by method, status and task."""
    return metrics.series("scimult_requests_total")


def refusals(server: ServerProcess) -> dict[str, float]:
    """Returns the counts of refusals by reason."""
    series = Metrics.of(server).series("scimult_refusals_total")
    return {reason: count for (reason,), count in series.items() if count}


def stream(channel: grpc.Channel, method: str, requests: list[bytes]) -> list[bytes]:
    return list(channel.stream_stream(f"/{SERVICE}/{method}")(iter(requests), timeout=60))


def wait_until(server: ServerProcess, name: str, holds: Callable[[float], bool]) -> Metrics:
    """Returns the metrics once the value of one of them is right."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        metrics = Metrics.of(server)
        if holds(metrics.value(name)):
            return metrics
    raise AssertionError(f"{name} stays {metrics.value(name)}")


# Metrics in general


def test_the_documents_name_each_metric_and_no_other(server):
    families = Metrics.of(server).families
    assert all(family.documentation and family.type != "unknown" for family in families)
    shown = {family.name + ("_total" if family.type == "counter" else "") for family in families}
    named = set(re.findall(r"`((?:scimult|process)_[a-z_]+)[`{]", OPERATIONS.read_text()))
    assert shown == named


def test_promtool_finds_nothing_to_say(start_server):
    server = start_server()
    with server.channel() as channel:
        encode(channel, request("cells", long_text(600)))
        failure(channel, "Encode", b"")
        stream(channel, "EncodeStream", [request("cells").SerializeToString()])
    outcome = check_metrics(get(server, "/metrics").text)
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, "", "")


def test_promtool_would_say_what_is_wrong():
    assert check_metrics("# TYPE jobs counter\njobs 1\n").returncode != 0


def test_which_server_serves_which_model(start_server, command):
    server = start_server("--precision", "fp32", "--model-name", 'my "best" model\\')
    (info,) = Metrics.of(server).series("scimult_build_info").items()
    kernels, model, precision, version = info[0]
    assert info[1] == 1
    assert (model, precision) == ('my "best" model\\', "fp32")
    assert command("--version").succeed().stdout.split() == ["scimult", version]
    serving = next(line for line in server.stderr.splitlines() if "kernels=" in line)
    assert f"kernels={kernels} " in serving


def test_the_process(start_server):
    before = time.time()
    server = start_server()
    first = Metrics.of(server)
    assert before - 1 < first.value("process_start_time_seconds") < time.time() + 1
    assert 0 < first.value("process_cpu_seconds_total") < 60
    resident = first.value("process_resident_memory_bytes")
    assert resident == pytest.approx(server.memory_bytes(), rel=0.2)
    assert resident < first.value("process_virtual_memory_bytes")
    with Http2Connection(server) as one, Http2Connection(server) as other:
        one.ping()
        other.ping()
        seen = Metrics.of(server)
        assert seen.value("process_open_fds") >= first.value("process_open_fds") + 2
        assert seen.value("process_open_fds") < seen.value("process_max_fds")


# Requests


def test_requests_by_method_task_and_status(start_server):
    server = start_server()
    with server.channel() as channel:
        for text in ("cells", "graphs", "cells"):
            encode(channel, request(text))
        encode(channel, request("cells", task=pb.TASK_LINK_PREDICTION))
        query = pb.Document(text="cells")
        rank(channel, pb.RankRequest(task=pb.TASK_SEARCH, query=query, candidates=[query]))
        get_model(channel)
        failure(channel, "Encode", request())
        failure(channel, "Encode", b"\xff")
        failure(channel, "Encode", request("cells", task=17))
        failure(channel, "Rank", pb.RankRequest(task=pb.TASK_SEARCH, query=query, collection="c"))
        failure(channel, "Decode", b"")
        failure(channel, "ListCollections", b"", service=COLLECTIONS)
        check = channel.unary_unary("/grpc.health.v1.Health/Check")
        check(health.HealthCheckRequest().SerializeToString(), timeout=30)
        with pytest.raises(grpc.RpcError):
            check(health.HealthCheckRequest(service="none").SerializeToString(), timeout=30)
        metrics = Metrics.of(server)
    assert requests_total(metrics) == {
        ("Encode", "OK", "search"): 3,
        ("Encode", "OK", "link_prediction"): 1,
        ("Encode", "INVALID_ARGUMENT", "search"): 1,
        ("Encode", "INVALID_ARGUMENT", "none"): 2,
        ("Rank", "OK", "search"): 1,
        ("Rank", "UNIMPLEMENTED", "search"): 1,
        ("GetModel", "OK", "none"): 1,
        ("Check", "OK", "none"): 1,
        ("Check", "NOT_FOUND", "none"): 1,
        ("unknown", "UNIMPLEMENTED", "none"): 2,
    }
    durations = metrics.series("scimult_request_duration_seconds_count")
    assert {method: count for (method,), count in durations.items() if count} == {
        **{"Encode": 7, "Rank": 2, "GetModel": 1, "Check": 2},
    }
    seconds = metrics.value("scimult_request_duration_seconds_sum", method="Encode")
    assert 0 < seconds < 60
    assert metrics.value("scimult_requests_in_flight") == 0
    assert refusals(server) == {}


def test_each_message_of_a_stream_is_a_request(start_server):
    server = start_server()
    good = [request(f"cells {number}").SerializeToString() for number in range(5)]
    bad = [request().SerializeToString(), b"\xff"]
    with server.channel() as channel:
        assert len(stream(channel, "EncodeStream", [*good, *bad])) == 7
        assert stream(channel, "EncodeStream", []) == []
        assert len(stream(channel, "RankStream", [b""])) == 1
        metrics = Metrics.of(server)
    assert requests_total(metrics) == {
        ("EncodeStream", "OK", "search"): 5,
        ("EncodeStream", "INVALID_ARGUMENT", "search"): 1,
        ("EncodeStream", "INVALID_ARGUMENT", "none"): 1,
        ("RankStream", "INVALID_ARGUMENT", "none"): 1,
    }
    for direction in ("received", "sent"):
        name = f"scimult_stream_messages_{direction}_total"
        assert metrics.value(name, method="EncodeStream") == 7
        assert metrics.value(name, method="RankStream") == 1
    assert metrics.value("scimult_request_duration_seconds_count", method="EncodeStream") == 7
    assert metrics.value("scimult_requests_in_flight") == 0


def test_clients_make_no_series(start_server):
    server = start_server()
    before = len(Metrics.of(server).samples)
    with Http2Connection(server) as connection:
        for number in range(20):
            headers = [
                (":path", f'/scimult.v1.SciMult/x"{number}\\') if name == ":path" else (name, value)
                for name, value in grpc_headers("Encode", ("x-request-id", str(number)))
            ]
            connection.response(connection.open(headers, frame(b"")))
        bad = [request("cells", task=task).SerializeToString() for task in range(4, 24)]
        for message in bad:
            connection.response(connection.call("Encode", message))
    metrics = Metrics.of(server)
    assert requests_total(metrics) == {
        ("unknown", "UNIMPLEMENTED", "none"): 20,
        ("Encode", "INVALID_ARGUMENT", "none"): 20,
    }
    assert len(metrics.samples) == before + 2


def test_a_request_is_in_flight_until_it_ends(start_server):
    server = start_server("--threads", "1", "--cache-bytes", "0")
    with Http2Connection(server) as connection:
        busy = connection.call("Encode", long_request(400).SerializeToString())
        wait_until(server, "scimult_queue_tokens", lambda tokens: tokens > 1000)
        behind = [connection.call("Encode", request("cells").SerializeToString()) for _ in range(3)]
        wait_until(server, "scimult_requests_in_flight", lambda count: count == 4)
        for call in behind:
            connection.reset(call)
        wait_until(server, "scimult_requests_in_flight", lambda count: count == 1)
        assert connection.response(busy).status()[0] == OK
    metrics = Metrics.of(server)
    assert metrics.value("scimult_requests_in_flight") == 0
    assert metrics.value("scimult_queue_tokens") == 0
    assert metrics.value("scimult_send_budget_bytes") == 0
    assert requests_total(metrics)["Encode", "OK", "search"] == 1
    assert metrics.total("scimult_requests_total", method="Encode", status="CANCELLED") == 3


def test_a_message_that_never_comes(start_server):
    server = start_server()
    with Http2Connection(server) as connection:
        gone = connection.open(grpc_headers("Encode"), b"\0\0", end=False)
        connection.reset(gone)
        late = connection.open(grpc_headers("Encode", ("grpc-timeout", "50m")), b"\0", end=False)
        connection.response(late)
        malformed = connection.call("Encode", b"", ("grpc-timeout", "soon"))
        connection.response(malformed)
    metrics = Metrics.of(server)
    assert requests_total(metrics) == {
        ("Encode", "CANCELLED", "none"): 1,
        ("Encode", "DEADLINE_EXCEEDED", "none"): 1,
        ("Encode", "INTERNAL", "none"): 1,
    }
    assert metrics.value("scimult_requests_in_flight") == 0
    assert metrics.value("scimult_request_duration_seconds_count", method="Encode") == 0


# Refusals


def test_a_full_queue(start_server):
    server = start_server("--threads", "1", "--max-queue-tokens", "1000")
    with Http2Connection(server) as connection:
        large = connection.call("Encode", long_request(400).SerializeToString())
        wait_until(server, "scimult_queue_tokens", lambda tokens: tokens > 1000)
        small = request(long_text(500)).SerializeToString()
        calls = [connection.call("Encode", small) for _ in range(20)]
        refused = sum(connection.response(call).status()[0] != OK for call in calls)
        assert refused > 0
        assert connection.response(large).status()[0] == OK
    assert refusals(server) == {"queue_full": refused}
    metrics = Metrics.of(server)
    assert metrics.total("scimult_requests_total", status="RESOURCE_EXHAUSTED") == refused


def test_what_is_too_large_too_late_or_no_call(start_server):
    server = start_server("--max-message-bytes", "2000")
    with Http2Connection(server) as connection:
        for _ in range(2):
            connection.response(connection.open(grpc_headers("Encode"), frame(b"\0" * 2001)))
        documents = request(*["t"] * 50).SerializeToString()
        assert connection.response(connection.call("Encode", documents)).status()[0] != OK
        headers = [
            (":method", "GET") if name == ":method" else (name, value)
            for name, value in grpc_headers("Encode")
        ]
        assert connection.response(connection.open(headers)).headers[":status"] == "405"
        large = connection.open(grpc_headers("Encode", ("x", "v" * 17_000)))
        assert connection.response(large).headers[":status"] == "431"
        call = connection.call("Encode", request("t").SerializeToString(), ("grpc-timeout", "0S"))
        connection.response(call)
    assert refusals(server) == {
        "message_too_large": 2,
        "reply_too_large": 1,
        "not_grpc": 1,
        "headers_too_large": 1,
        "deadline": 1,
    }
    assert requests_total(Metrics.of(server)) == {
        ("Encode", "RESOURCE_EXHAUSTED", "none"): 2,
        ("Encode", "RESOURCE_EXHAUSTED", "search"): 1,
        ("Encode", "DEADLINE_EXCEEDED", "none"): 1,
    }


def test_connections(start_server):
    server = start_server("--max-connections", "2")
    with Http2Connection(server) as first, Http2Connection(server) as second:
        first.ping()
        second.ping()
        with Http2Connection(server) as third:
            third.read_until_closed()
        metrics = Metrics.of(server)
        assert metrics.value("scimult_connections") == 2
        assert metrics.value("scimult_connections_total") == 2
        assert refusals(server) == {"connection_limit": 1}
    metrics = wait_until(server, "scimult_connections", lambda count: count == 0)
    assert metrics.value("scimult_connections_total") == 2


# Texts and batches


def test_texts_tokens_and_what_was_cut(start_server):
    server = start_server()
    with server.channel() as channel:
        texts = [long_text(600), long_text(512), long_text(10)]
        embeddings = encode(channel, request(*texts)).embeddings
        assert [embedding.truncated for embedding in embeddings] == [True, False, False]
        failure(channel, "Encode", request(*texts, reject_truncation=True))
        encode(channel, request(long_text(10), task=pb.TASK_CLASSIFICATION))
        query = pb.Document(text=long_text(700))
        candidates = [pb.Document(text=long_text(10)), pb.Document(text=long_text(20))]
        rank(channel, pb.RankRequest(task=pb.TASK_SEARCH, query=query, candidates=candidates))
        metrics = Metrics.of(server)
    assert metrics.value("scimult_texts_total", task="search") == 6
    assert metrics.value("scimult_tokens_total", task="search") == 2 * 512 + 10 + 512 + 10 + 20
    assert metrics.value("scimult_texts_total", task="classification") == 1
    assert metrics.value("scimult_tokens_total", task="classification") == 10
    assert metrics.value("scimult_tokens_total", task="link_prediction") == 0
    assert metrics.value("scimult_truncated_texts_total") == 2


def test_batches_hold_what_the_cache_does_not(start_server):
    server = start_server("--threads", "1", "--max-batch-tokens", "600")
    before = Metrics.of(server)
    with server.channel() as channel:
        encode(channel, request(*[f"{number} " + long_text(300) for number in range(4)]))
        encode(channel, request("cells", "cells", "0 " + long_text(300)))
        after = Metrics.of(server)

    def grown(name: str) -> float:
        return after.value(name) - before.value(name)

    assert grown("scimult_cache_misses_total") == 5
    assert grown("scimult_cache_hits_total") == 2
    assert grown("scimult_batch_sequences_sum") == 5
    assert grown("scimult_batch_tokens_sum") == 4 * 301 + 3
    assert grown("scimult_batch_tokens_count") > 2, "the first request has 1,204 tokens"
    for name in ("scimult_batch_sequences", "scimult_encode_seconds"):
        assert grown(f"{name}_count") == grown("scimult_batch_tokens_count")
    assert grown("scimult_encode_seconds_sum") > 0
    assert grown("scimult_queue_wait_seconds_count") == 2, "a request waits once"


def test_what_waits_behind_a_long_request(start_server):
    server = start_server("--threads", "1", "--cache-bytes", "0")
    with Http2Connection(server) as connection:
        long = connection.call("Encode", long_request(100).SerializeToString())
        short = connection.call("Encode", request("cells").SerializeToString())
        assert connection.response(long).status()[0] == OK
        assert connection.response(short).status()[0] == OK
    metrics = Metrics.of(server)
    assert metrics.value("scimult_queue_wait_seconds_sum") > 0
    longest = metrics.value("scimult_request_duration_seconds_sum", method="Encode")
    assert metrics.value("scimult_queue_wait_seconds_sum") < longest


# The server's lifecycle


def test_a_draining_server_tells_its_numbers(start_server):
    server = start_server()
    with Http2Connection(server) as connection:
        call = connection.open(grpc_headers("GetModel"), b"\0", end=False)
        connection.ping()
        server.signal(signal.SIGTERM)
        connection.read_until_goaway()
        assert Metrics.of(server).value("scimult_connections") == 1
        connection.send(call, b"\0\0\0\0")
        assert connection.response(call).status()[0] == OK
    assert server.wait() == 0


def test_prometheus_scrapes_it(start_server, tmp_path):
    server = start_server()
    with server.channel() as channel:
        for number in range(10):
            encode(channel, request(f"cells {number}"))
        failure(channel, "Encode", request())
    assert server.admin is not None
    with Prometheus(server.admin, tmp_path) as prometheus:
        target = prometheus.wait_for_scrape()
        assert (target["health"], target["lastError"]) == ("up", "")

        by_status = prometheus.query('sum by (status) (scimult_requests_total{method="Encode"})')
        assert {each["metric"]["status"]: each["value"][1] for each in by_status} == {
            "OK": "10",
            "INVALID_ARGUMENT": "1",
        }
        (median,) = prometheus.query(
            'histogram_quantile(0.5, scimult_request_duration_seconds_bucket{method="Encode"})'
        )
        assert 0 < float(median["value"][1]) < 10
        (info,) = prometheus.query("scimult_build_info")
        assert info["metric"]["model"] == "tiny-expert"

        (documented,) = blocks(OPERATIONS, "promql")
        # A rate needs two scrapes; without the rate, a series exists immediately.
        for expression in re.sub(r"rate\((.*?)\[\w+\]\)", r"\1", documented.text).splitlines():
            assert prometheus.query(expression), expression

        shown = Metrics.of(server).families
        known = prometheus.get("metadata")
        for family in shown:
            name = family.name + ("_total" if family.type == "counter" else "")
            (described,) = known[name]
            assert (described["type"], described["help"]) == (family.type, family.documentation)
