"""Calls over faulty connections. Clients repeat failed calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import grpc

from scimult._generated import scimult_pb2 as pb

from .calls import SERVICE
from .server import CHANNEL_OPTIONS

#: For one attempt.
CALL_SECONDS_MAX = 5
ATTEMPTS_MAX = 100

REQUEST = pb.EncodeRequest(
    request_id="harmed",
    task=pb.TASK_SEARCH,
    documents=[pb.Document(id=str(number), text=f"cells of kind {number}") for number in range(20)],
).SerializeToString()

#: Options with which clients reconnect immediately.
IMPATIENT = [
    *CHANNEL_OPTIONS,
    ("grpc.initial_reconnect_backoff_ms", 10),
    ("grpc.min_reconnect_backoff_ms", 1_000),
    ("grpc.max_reconnect_backoff_ms", 50),
]

Connect = Callable[[str, list[tuple[str, int]]], grpc.Channel]


@dataclass
class Account:
    """The results of calls."""

    answers: int = 0
    #: Attempts that failed and were repeated.
    failures: int = 0
    #: Responses that differ from the expected one.
    wrong: int = 0


def call_until_answered(
    address: str,
    count: int,
    expected: bytes,
    connect: Connect = grpc.insecure_channel,
) -> Account:
    """Makes calls on one channel, and repeats each until it succeeds."""
    account = Account()
    with connect(address, IMPATIENT) as channel:
        encode = channel.unary_unary(f"/{SERVICE}/Encode")
        for _ in range(count):
            account.failures += failures_before(encode, expected, account)
            account.answers += 1
    return account


def failures_before(
    encode: grpc.UnaryUnaryMultiCallable[bytes, bytes], expected: bytes, account: Account
) -> int:
    """Repeats a call until it succeeds, and returns the number of failures."""
    for attempt in range(ATTEMPTS_MAX):
        try:
            answer = encode(REQUEST, timeout=CALL_SECONDS_MAX, wait_for_ready=True)
        except grpc.RpcError:
            continue
        account.wrong += answer != expected
        return attempt
    raise AssertionError(f"no answer in {ATTEMPTS_MAX} attempts")
