"""Replicas whose queue is full for seconds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from harness.calls import CALL_SECONDS_MAX, SERVICE
from harness.metrics import Metrics
from harness.texts import long_request
from replicas import Replica
from trust import Trust

#: Options of a replica that is full with one request.
SMALL_QUEUE = ("--max-queue-tokens", "1000", "--cache-bytes", "0")

#: A second of work for one thread, and far more than the queue holds. Envoy gives up after five
#: retries, a machine that is busy may take several times as long.
WORK = long_request(300).SerializeToString()


@contextmanager
def filled(replicas: Sequence[Replica], trust: Trust) -> Iterator[None]:
    """The queues are full when the body begins, and empty when the with has ended."""
    with ExitStack() as stack:
        calls = []
        for replica in replicas:
            channel = stack.enter_context(
                trust.channel_around_the_proxy(replica.address, trust.proxy_to_replicas)
            )
            method = channel.unary_unary(f"/{SERVICE}/Encode")
            calls.append(method.future(WORK, timeout=CALL_SECONDS_MAX))
            while Metrics.of(replica.server).value("scimult_queue_tokens") < 1_000:
                assert not calls[-1].done(), "the work was done before it was seen"
        yield
        for call in calls:
            assert call.result()
