"""A replica that answers errors of its own is left out; callers that err leave nobody out."""

from __future__ import annotations

import time

import grpc
import pytest

from harness.calls import COLLECTIONS, encode, failure
from harness.poison import WORD, poison
from harness.texts import long_request
from scimult._generated import scimult_pb2 as pb
from steady import SteadyClients

#: Some of the intervals in which Envoy looks back.
SECONDS = 7

POISONED = pb.EncodeRequest(task=pb.TASK_SEARCH, documents=[pb.Document(text=f"slopes of {WORD}")])
EMPTY = pb.EncodeRequest()


def test_a_replica_that_answers_errors_is_left_out(
    start_replica, start_envoy, golden_variants, tmp_path, trust
):
    sound_model = golden_variants / "bert-safetensors"
    sound = start_replica(model=sound_model)
    faulty = start_replica(model=poison(sound_model, tmp_path / "model"))
    envoy = start_envoy(sound, faulty)
    failures = 0
    end = time.monotonic() + 30
    with trust.channel(envoy.address, trust.client) as channel:
        while envoy.in_rotation() != {sound.port}:
            assert time.monotonic() < end, "the faulty one is not left out"
            try:
                encode(channel, POISONED)
            except grpc.RpcError as error:
                # An error may be the request's own fault, so Envoy does not send it again.
                assert error.code() is grpc.StatusCode.INTERNAL
                failures += 1
        assert failures > 0
        assert envoy.faults()[faulty.port] == {"failed_outlier_check"}
        for _ in range(50):
            assert len(encode(channel, POISONED).embeddings) == 1
        envoy.wait_until(lambda: len(envoy.in_rotation()) == 2, "it to be tried again")


@pytest.mark.parametrize("kind", ["a field is wrong", "no such method", "too short a deadline"])
def test_callers_that_err_leave_nobody_out(envoy, trust, kind):
    def err() -> grpc.StatusCode:
        if kind == "a field is wrong":
            return failure(channel, "Encode", EMPTY).code
        if kind == "no such method":
            return failure(channel, "ListCollections", b"", service=COLLECTIONS).code
        return failure(channel, "Encode", long_request(50), timeout=0.02).code

    codes = set()
    with (
        trust.channel(envoy.address, trust.client) as channel,
        SteadyClients(lambda: trust.channel(envoy.address, trust.client), 1),
    ):
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            codes.add(err())
            assert len(envoy.in_rotation()) == 2
    assert codes <= {
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.UNIMPLEMENTED,
        grpc.StatusCode.DEADLINE_EXCEEDED,
    }
    assert envoy.statistic("outlier_detection.ejections_enforced_total") == 0
