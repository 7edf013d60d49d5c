"""A full queue refuses requests immediately, with the time for a retry."""

from __future__ import annotations

import json

import grpc

from harness.calls import encode, failure
from harness.http2 import Http2Connection, grpc_headers
from harness.server import CHANNEL_OPTIONS
from harness.texts import long_request, long_text
from harness.wire import bytes_field, frame
from scimult._generated import scimult_pb2 as pb

OK = grpc.StatusCode.OK.value[0]
RESOURCE_EXHAUSTED = grpc.StatusCode.RESOURCE_EXHAUSTED.value[0]

SMALL = pb.EncodeRequest(
    task=pb.TASK_SEARCH, documents=[pb.Document(text=long_text(500))]
).SerializeToString()

#: Two replies to it take more than 20,000 bytes.
MANY = pb.EncodeRequest(
    task=pb.TASK_SEARCH, documents=[pb.Document(text=f"text {number}") for number in range(50)]
).SerializeToString()

#: Retries soon, and gives up within a twentieth of a second, unless the server names a time.
IMPATIENT_POLICY = {
    "maxAttempts": 5,
    "initialBackoff": "0.01s",
    "maxBackoff": "0.01s",
    "backoffMultiplier": 1,
    "retryableStatusCodes": ["RESOURCE_EXHAUSTED"],
}


def test_full_queue_refuses_with_the_time_to_come_back(start_server):
    server = start_server("--threads", "1", "--max-queue-tokens", "1000")
    with Http2Connection(server) as connection:
        # Larger than the whole queue: admitted because the queue is empty.
        large = connection.call("Encode", long_request(50).SerializeToString())
        connection.ping()
        small = [connection.call("Encode", SMALL) for _ in range(20)]
        responses = [connection.response(stream) for stream in small]
        refused = [response for response in responses if response.status()[0] != OK]
        assert refused
        for response in refused:
            code, message = response.status()
            assert code == RESOURCE_EXHAUSTED
            assert "1000" in message
            assert response.is_trailers_only
            assert int(response.headers["grpc-retry-pushback-ms"]) > 0
            assert int(response.headers["retry-after"]) > 0
        assert connection.response(large).status()[0] == OK
        assert connection.response(connection.call("Encode", SMALL)).status()[0] == OK


def test_a_client_that_comes_back_when_told_is_served(start_server):
    server = start_server("--threads", "1", "--cache-bytes", "0", "--max-queue-tokens", "1000")
    config = {"methodConfig": [{"name": [{}], "retryPolicy": IMPATIENT_POLICY}]}
    options = [
        *(option for option in CHANNEL_OPTIONS if option != ("grpc.enable_retries", 0)),
        ("grpc.service_config", json.dumps(config)),
    ]
    with (
        Http2Connection(server) as bulk,
        server.channel() as once,
        grpc.insecure_channel(server.grpc, options) as again,
    ):
        grpc.channel_ready_future(again).result(30)
        large = bulk.call("Encode", long_request(60).SerializeToString())
        bulk.ping()
        refused = failure(once, "Encode", SMALL)
        assert refused.code is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert refused.retry_after > 0
        assert len(encode(again, pb.EncodeRequest.FromString(SMALL)).embeddings) == 1
        assert bulk.response(large).status()[0] == OK


def test_small_batches_serve_any_legal_request(start_server):
    server = start_server("--max-batch-tokens", "64", "--max-queue-tokens", "64")
    with Http2Connection(server) as connection:
        response = connection.response(
            connection.call("Encode", long_request(20).SerializeToString())
        )
        assert response.status() == (OK, "")


def test_waiting_requests_that_are_reset_free_their_place(start_server):
    server = start_server("--threads", "1", "--max-queue-tokens", "2000")
    with Http2Connection(server) as connection:
        busy = connection.call("Encode", long_request(30).SerializeToString())
        for _ in range(50):
            connection.reset(connection.call("Encode", SMALL))
            connection.ping()
        assert connection.response(busy).status()[0] == OK
        assert connection.response(connection.call("Encode", SMALL)).status()[0] == OK


def test_priority_is_one_that_there_is(server):
    with Http2Connection(server) as connection:
        for name, code in [
            ("interactive", OK),
            ("batch", OK),
            ("urgent", grpc.StatusCode.INVALID_ARGUMENT.value[0]),
        ]:
            call = connection.open(
                grpc_headers("Encode", ("x-scimult-priority", name)), frame(SMALL)
            )
            status = connection.response(call).status()
            assert status[0] == code
            if code != OK:
                assert "x-scimult-priority" in status[1]
                assert "urgent" in status[1]


def test_a_short_request_overtakes_a_long_queue(start_server):
    server = start_server("--threads", "1", "--cache-bytes", "0")
    with Http2Connection(server) as bulk, Http2Connection(server) as person:
        long = [bulk.call("Encode", long_request(70).SerializeToString()) for _ in range(5)]
        bulk.ping()
        short = person.call("Encode", SMALL)
        assert person.response(short).status()[0] == OK
        bulk.ping()
        assert not bulk.responses[long[-1]].ended, "the long queue is still at work"
        for stream in long:
            assert bulk.response(stream).status()[0] == OK


def test_unread_replies_leave_no_room_for_others(start_server):
    server = start_server("--max-message-bytes", "20000", "--max-send-bytes", "20000")
    with Http2Connection(server, initial_window=0) as silent, Http2Connection(server) as other:
        unread = []
        refused = (OK, "")
        for _ in range(200):
            unread.append(silent.call("Encode", MANY))
            silent.ping()
            refused = other.response(other.call("Encode", MANY)).status()
            if refused[0] != OK:
                break
        assert refused[0] == RESOURCE_EXHAUSTED
        assert "20000" in refused[1]
        assert "--max-send-bytes" in refused[1]
        for stream in unread:
            if not silent.responses[stream].ended:
                silent.reset(stream)
        silent.ping()
        assert other.response(other.call("Encode", MANY)).status()[0] == OK


def test_requests_that_wait_count_as_received(start_server):
    server = start_server(
        *(f"--max-{kind}-bytes=200000" for kind in ("message", "receive", "send"))
    )
    texts = [pb.Document(text=f"{number} {long_text(100)}") for number in range(200)]
    large = pb.EncodeRequest(task=pb.TASK_SEARCH, documents=texts).SerializeToString()
    body = frame(bytes_field(4, bytes_field(2, b"x" * 190_000)))
    with (
        Http2Connection(server, initial_window=0) as silent,
        Http2Connection(server) as waiting,
        Http2Connection(server) as other,
    ):
        unread = silent.call("Encode", large)
        silent.answer_begins(unread)
        stream = waiting.open(grpc_headers("EncodeStream"), frame(large) * 4)
        waiting.ping()
        # Of the incomplete messages, the oldest may continue, and the next one may not.
        other.open(grpc_headers("Encode"), body[:1], end=False)
        held_back = other.open(grpc_headers("Encode"), end=False)
        sent = other.send_what_fits(held_back, body)
        assert sent < len(body)
        silent.reset(unread)
        assert waiting.response(stream).status()[0] == OK
        other.send(held_back, body[sent:], end=False)


def test_a_stream_waits_while_others_do_not_read(start_server):
    server = start_server("--max-message-bytes", "20000", "--max-send-bytes", "20000")
    with Http2Connection(server, initial_window=0) as silent, Http2Connection(server) as other:
        unread = silent.call("Encode", MANY)
        silent.answer_begins(unread)
        stream = other.open(grpc_headers("EncodeStream"), frame(MANY))
        for _ in range(20):
            other.ping()
        assert not other.responses[stream].data, "there is no room for its reply"
        silent.reset(unread)
        response = other.response(stream)
        assert response.status()[0] == OK
        assert len(pb.EncodeResponse.FromString(response.data[5:]).embeddings) == 50
