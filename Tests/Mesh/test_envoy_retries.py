"""Envoy retries calls that may be retried: at the named time, and on another replica."""

from __future__ import annotations

import time

import grpc

from envoy import RETRIES_MAX, Envoy
from filled import SMALL_QUEUE, filled
from harness.calls import CALL_SECONDS_MAX, SERVICE, encode, failure
from harness.texts import long_request, long_text
from largest import largest_request
from scimult._generated import scimult_pb2 as pb
from steady import request

#: The value of `retry-after`.
RETRY_AFTER_SECONDS = 1

#: A text that does not fit into a full queue.
LONG = pb.EncodeRequest(task=pb.TASK_SEARCH, documents=[pb.Document(text=long_text(500))])

#: Concurrent calls on one connection.
CALLS = 200


def begin(channel: grpc.Channel, message: pb.EncodeRequest) -> grpc.Future:
    """Starts a call without waiting for it."""
    method = channel.unary_unary(
        f"/{SERVICE}/Encode", pb.EncodeRequest.SerializeToString, pb.EncodeResponse.FromString
    )
    return method.future(message, timeout=CALL_SECONDS_MAX)


def retries_that_waited(envoy: Envoy) -> int:
    return envoy.statistic("upstream_rq_retry_backoff_ratelimited")


def test_a_client_without_retries_is_served_by_full_replicas_when_they_said(
    start_replica, start_envoy, trust
):
    replicas = [start_replica(*SMALL_QUEUE) for _ in range(2)]
    envoy = start_envoy(*replicas)
    with (
        trust.channel(envoy.address, trust.client) as channel,
        filled(replicas, trust) as release,
    ):
        begun = time.monotonic()
        call = begin(channel, LONG)
        envoy.wait_until(lambda: retries_that_waited(envoy) >= 1, "a retry that waits")
        release()
        assert len(call.result().embeddings) == 1
        took = time.monotonic() - begun
    waits = retries_that_waited(envoy)
    assert waits <= RETRIES_MAX
    assert sum(replica.refused("queue_full") for replica in replicas) == waits
    assert envoy.statistic("upstream_rq_retry_backoff_exponential") == 0
    assert took >= waits * RETRY_AFTER_SECONDS


def test_many_clients_wait_at_once(start_replica, start_envoy, trust):
    replicas = [start_replica(*SMALL_QUEUE) for _ in range(2)]
    envoy = start_envoy(*replicas)
    with (
        trust.channel(envoy.address, trust.client) as channel,
        filled(replicas, trust) as release,
    ):
        calls = [begin(channel, request(number)) for number in range(CALLS)]
        envoy.wait_until(lambda: retries_that_waited(envoy) >= CALLS, "all to wait")
        release()
        assert all(len(call.result().embeddings) == 1 for call in calls)
    assert envoy.statistic("upstream_rq_retry_overflow") == 0


def test_one_full_replica_of_two_leaves_its_calls_to_the_other(start_replica, start_envoy, trust):
    replicas = [start_replica(*SMALL_QUEUE) for _ in range(2)]
    full, free = replicas
    envoy = start_envoy(*replicas)
    with trust.channel(envoy.address, trust.client) as channel, filled([full], trust):
        calls = 0
        while not full.refused("queue_full"):
            assert calls < CALLS, "the full replica is never asked"
            assert len(encode(channel, LONG).embeddings) == 1
            calls += 1
        assert free.answered() == calls


def test_a_refusal_that_time_does_not_mend_is_not_tried_again(start_replica, start_envoy, trust):
    replicas = [start_replica("--max-message-bytes", "10000") for _ in range(2)]
    envoy = start_envoy(*replicas)
    with trust.channel(envoy.address, trust.client) as channel:
        refused = failure(channel, "Encode", long_request(20))
    assert refused.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert refused.retry_after is None
    assert "10000" in refused.message
    assert envoy.statistic("upstream_rq_retry") == 0


def test_a_request_of_the_largest_size_is_tried_again(start_replica, start_envoy, trust):
    replicas = [start_replica(*SMALL_QUEUE) for _ in range(2)]
    envoy = start_envoy(*replicas)
    with (
        trust.channel(envoy.address, trust.client) as channel,
        filled(replicas, trust) as release,
    ):
        call = begin(channel, largest_request())
        envoy.wait_until(lambda: retries_that_waited(envoy) >= 1, "a retry that waits")
        release()
        assert len(call.result().embeddings) == 1
