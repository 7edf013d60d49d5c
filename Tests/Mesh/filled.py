"""Replicas whose queue is full until it is released."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from harness.calls import CALL_SECONDS_MAX, SERVICE
from harness.texts import long_request
from replicas import Replica
from scimult._generated import scimult_pb2 as pb
from trust import Trust

QUEUE_TOKENS = 1_000

DOCUMENTS = 3_000

#: Options with which one request fills a replica's queue for longer than a test: fp32 is slow.
SMALL_QUEUE = (
    *("--max-queue-tokens", str(QUEUE_TOKENS), "--cache-bytes", "0"),
    *("--precision", "fp32", "--max-documents", str(DOCUMENTS)),
)

#: Nearly the maximum size of a message.
WORK = pb.EncodeRequest(
    task=pb.TASK_SEARCH, documents=list(long_request(DOCUMENTS // 3).documents) * 3
)


@contextmanager
def filled(replicas: Sequence[Replica], trust: Trust) -> Iterator[Callable[[], None]]:
    """Keeps the queues full until the body calls the yielded function, or ends."""
    with ExitStack() as stack:
        calls = []
        for replica in replicas:
            channel = stack.enter_context(
                trust.channel_around_the_proxy(replica.address, trust.proxy_to_replicas)
            )
            method = channel.unary_unary(
                f"/{SERVICE}/Encode",
                pb.EncodeRequest.SerializeToString,
                pb.EncodeResponse.FromString,
            )
            calls.append(method.future(WORK, timeout=CALL_SECONDS_MAX))

        def release() -> None:
            # Cancelled calls leave the queue.
            for call in calls:
                call.cancel()  # type: ignore[no-untyped-call]

        for replica, call in zip(replicas, calls, strict=True):
            while replica.waiting_tokens() < QUEUE_TOKENS:
                assert not call.done(), "the work was done before it was seen"
        yield release
        release()
