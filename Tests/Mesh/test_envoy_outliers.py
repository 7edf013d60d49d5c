"""A replica with its own errors is ejected; errors of callers eject no replica."""

from __future__ import annotations

import time

import grpc
import pytest

from harness.calls import COLLECTIONS, encode, failure
from harness.poison import WORD, poison
from harness.texts import long_request
from scimult import ScimultError
from scimult._generated import scimult_pb2 as pb
from steady import SteadyClients

#: Several of the intervals at which Envoy evaluates errors.
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
                # An error may be caused by the request itself, so Envoy does not repeat it.
                assert error.code() is grpc.StatusCode.INTERNAL
                failures += 1
        assert failures > 0
        assert envoy.faults()[faulty.port] == {"failed_outlier_check"}
        for _ in range(50):
            assert len(encode(channel, POISONED).embeddings) == 1
        envoy.wait_until(lambda: len(envoy.in_rotation()) == 2, "it to be tried again")


def field_that_is_wrong(channel: grpc.Channel) -> ScimultError:
    return failure(channel, "Encode", EMPTY)


def method_that_is_not_there(channel: grpc.Channel) -> ScimultError:
    return failure(channel, "ListCollections", b"", service=COLLECTIONS)


def deadline_that_is_too_short(channel: grpc.Channel) -> ScimultError:
    return failure(channel, "Encode", long_request(100), timeout=0.02)


@pytest.mark.parametrize(
    "err, status",
    [
        (field_that_is_wrong, grpc.StatusCode.INVALID_ARGUMENT),
        (method_that_is_not_there, grpc.StatusCode.UNIMPLEMENTED),
        (deadline_that_is_too_short, grpc.StatusCode.DEADLINE_EXCEEDED),
    ],
)
def test_callers_that_err_leave_nobody_out(envoy, trust, err, status):
    with (
        trust.channel(envoy.address, trust.client) as channel,
        SteadyClients(lambda: trust.channel(envoy.address, trust.client), 1),
    ):
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            assert err(channel).code is status
            assert len(envoy.in_rotation()) == 2
    assert envoy.statistic("outlier_detection.ejections_enforced_total") == 0
