"""Features of gRPC that work through Envoy, nginx and HAProxy."""

from __future__ import annotations

import subprocess
from pathlib import Path

import grpc
import pytest

from envoy import RETRIES_MAX, Envoy
from filled import SMALL_QUEUE, filled
from harness.calls import SERVICE, call, encode, failure, get_model
from harness.texts import long_request
from harness.trace_receiver import TraceReceiver, Tree
from harness.wire import frame
from largest import MESSAGE_BYTES_MAX, largest_request
from nginx import Nginx
from open_stream import OpenStream
from proxy_process import ProxyProcess
from replicas import Replica
from scimult._generated import scimult_pb2 as pb
from steady import SteadyClients, request, streamed
from trust import Trust

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"

DEADLINE_EXCEEDED = "4"
DEADLINES_MAX = 50

#: Tenths of a second of work, in so few bytes that a client has sent all before an answer.
LONG = long_request(50).SerializeToString()


@pytest.fixture
def channel(proxy: ProxyProcess, trust: Trust):
    with trust.channel(proxy.address, trust.client) as channel:
        yield channel


def is_encode(tree: Tree) -> bool:
    return bool(tree.root.name == f"{SERVICE}/Encode")


def curl(proxy: ProxyProcess, trust: Trust, folder: Path, message: bytes, *headers: str) -> str:
    """Returns headers and trailers of a call by a client without deadlines of its own."""
    body = folder / "request"
    body.write_bytes(frame(message))
    command = ["curl", "--silent", "--show-error", "--http2", "--max-time", "30"]
    command += ["--cacert", str(trust.proxies.file), "--cert", str(trust.client.certificate)]
    command += ["--key", str(trust.client.key), "--data-binary", f"@{body}"]
    for header in ("content-type: application/grpc", "te: trailers", *headers):
        command += ["--header", header]
    command += ["--dump-header", "-", "--output", str(folder / "answer")]
    url = f"https://{proxy.address}/{SERVICE}/Encode"
    done = subprocess.run([*command, url], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_answers_are_those_of_a_replica(channel, replicas, trust):
    direct = trust.channel_around_the_proxy(replicas[0].address, trust.proxy_to_replicas)
    with direct as other:
        assert encode(channel, request(1)) == encode(other, request(1))
        assert get_model(channel) == get_model(other)


def test_both_replicas_are_used(proxy, replicas, trust):
    with SteadyClients(lambda: trust.channel(proxy.address, trust.client)) as clients:
        clients.wait_for(200)
    assert all(replica.answered() > 20 for replica in replicas)


def test_streams(proxy, trust):
    with SteadyClients(lambda: trust.channel(proxy.address, trust.client), 3, streamed) as clients:
        clients.wait_for(30)


def test_a_stream_answers_while_its_client_still_sends(channel):
    with OpenStream(channel) as stream:
        assert [stream.ask(number) for number in range(5)] == [str(number) for number in range(5)]
        stream.end()


def test_errors_with_their_details(channel):
    refused = failure(channel, "Encode", pb.EncodeRequest())
    assert refused.code is grpc.StatusCode.INVALID_ARGUMENT
    assert refused.violations[0].field == "task"


def test_the_largest_request(channel):
    assert len(encode(channel, largest_request()).embeddings) == 1


def test_a_request_that_is_too_large_is_refused_by_the_server(channel):
    too_large = largest_request()
    too_large.documents[0].text += "a"
    refused = failure(channel, "Encode", too_large)
    assert refused.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert str(MESSAGE_BYTES_MAX) in refused.message


def test_a_large_reply(channel):
    texts = [pb.Document(text=f"cells of kind {number}") for number in range(1_000)]
    ranked = pb.RankRequest(
        task=pb.TASK_SEARCH,
        query=texts[0],
        candidates=[pb.Document(text=f"{text.text} {'a' * 4_000}") for text in texts],
        return_documents=True,
    )
    assert ranked.ByteSize() > 0.95 * MESSAGE_BYTES_MAX
    reply = pb.RankResponse.FromString(call(channel, "Rank", ranked))
    assert len(reply.results) == 1_000
    assert reply.ByteSize() > 0.95 * MESSAGE_BYTES_MAX


def test_a_deadline_ends_the_call_and_its_work(proxy, replicas, trust, tmp_path):
    # Either the replica or the proxy applies the deadline first; in the end it is the replica.
    for _ in range(DEADLINES_MAX):
        answer = curl(proxy, trust, tmp_path, LONG, "grpc-timeout: 50m")
        assert f"grpc-status: {DEADLINE_EXCEEDED}" in answer
        if sum(replica.answered("DEADLINE_EXCEEDED") for replica in replicas):
            break
    else:
        pytest.fail("no replica heard of a deadline")
    assert sum(replica.answered() for replica in replicas) == 0
    proxy.wait_until(
        lambda: not any(map(Replica.waiting_tokens, replicas)), "the work to be dropped"
    )


def test_priority_reaches_the_replicas(channel):
    assert encode(channel, request(1), metadata=[("x-scimult-priority", "batch")]).embeddings
    refused = failure(channel, "Encode", request(1), metadata=[("x-scimult-priority", "urgent")])
    assert refused.code is grpc.StatusCode.INVALID_ARGUMENT
    assert "urgent" in refused.message


def test_compression(channel):
    plain = encode(channel, request(1))
    assert encode(channel, request(1), compression=grpc.Compression.Gzip) == plain


def test_who_shows_no_certificate_is_refused(proxy, trust):
    with trust.channel(proxy.address, None) as channel, pytest.raises(grpc.RpcError) as caught:
        get_model(channel, timeout=5)
    # gRPC's clients convert nginx's HTTP 400 to INTERNAL.
    assert caught.value.code() in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.INTERNAL}


def test_a_callers_trace_is_continued(start_replica, start_proxy, trust):
    with TraceReceiver() as receiver:
        replicas = [start_replica(environment=receiver.environment()) for _ in range(2)]
        proxy = start_proxy(*replicas)
        with trust.channel(proxy.address, trust.client) as channel:
            encode(channel, request(1), metadata=[("traceparent", f"00-{TRACE}-{PARENT}-01")])
        # Health checks have separate traces.
        receiver.wait_until(lambda: any(map(is_encode, receiver.trees)), "a trace of the call")
        (tree,) = filter(is_encode, receiver.trees)
        assert tree.root.trace_id.hex() == TRACE
        assert tree.root.parent_span_id.hex() == PARENT
        for replica in replicas:
            replica.server.stop()


def test_a_full_queue_is_told_with_the_time_to_come_back(start_replica, start_proxy, trust):
    replicas = [start_replica(*SMALL_QUEUE) for _ in range(2)]
    proxy = start_proxy(*replicas)
    with trust.channel(proxy.address, trust.client) as channel:
        get_model(channel)
        with filled(replicas, trust):
            # Envoy itself has repeated the call as often as it may.
            refused = failure(channel, "Encode", LONG)
    assert refused.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert refused.retry_after > 0
    tries = sum(replica.refused("queue_full") for replica in replicas)
    assert tries == (1 + RETRIES_MAX if isinstance(proxy, Envoy) else 1)


def test_no_replica_is_unavailable(proxy, replicas, trust):
    with trust.channel(proxy.address, trust.client) as channel:
        get_model(channel)
        for replica in replicas:
            replica.server.stop()
        with pytest.raises(grpc.RpcError) as caught:
            get_model(channel)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    if isinstance(proxy, Nginx):
        # As a gRPC status, rather than an HTTP error that a client has to convert.
        assert caught.value.details() == "no replica answers"
