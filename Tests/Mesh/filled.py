"""Replicas whose queue is full until it is released."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from harness.calls import CALL_SECONDS_MAX, SERVICE
from harness.metrics import Metrics
from harness.texts import long_request
from replicas import Replica
from trust import Trust

QUEUE_TOKENS = 1_000

#: Options of a replica that one request keeps full for many seconds: fp32 is slow.
SMALL_QUEUE = (
    *("--max-queue-tokens", str(QUEUE_TOKENS), "--cache-bytes", "0"),
    *("--precision", "fp32"),
)

WORK = long_request(1_000).SerializeToString()


@contextmanager
def filled(replicas: Sequence[Replica], trust: Trust) -> Iterator[Callable[[], None]]:
    """The queues are full when the body begins, until it calls what it is given, or ends."""
    with ExitStack() as stack:
        calls = []
        for replica in replicas:
            channel = stack.enter_context(
                trust.channel_around_the_proxy(replica.address, trust.proxy_to_replicas)
            )
            method = channel.unary_unary(f"/{SERVICE}/Encode")
            calls.append(method.future(WORK, timeout=CALL_SECONDS_MAX))

        def release() -> None:
            # What is cancelled leaves the queue.
            for call in calls:
                call.cancel()

        for replica, call in zip(replicas, calls, strict=True):
            while Metrics.of(replica.server).value("scimult_queue_tokens") < QUEUE_TOKENS:
                assert not call.done(), "the work was done before it was seen"
        yield release
        release()
