"""Calls that clients cancel at random times."""

from __future__ import annotations

import asyncio
import random
import time

import grpc

from scimult._generated import scimult_pb2 as pb
from scimult._generated.scimult_pb2_grpc import SciMultStub

from .metrics import Metrics
from .server import CHANNEL_OPTIONS, ServerProcess
from .texts import long_text

#: Fewer cancelled calls on each channel than the limit for one burst.
CALLS_OF_A_CHANNEL = 250
AT_ONCE = 25

#: From before the call is sent until after most are answered.
CANCEL_SECONDS_MAX = 0.2

SETTLE_SECONDS_MAX = 30

#: Gauges that show running work.
GAUGES = ("scimult_requests_in_flight", "scimult_queue_tokens", "scimult_send_budget_bytes")


def cancel_at_random(server: ServerProcess, count: int, seed: int) -> int:
    """Cancels unary calls and streams; returns how many had no response yet."""

    async def main() -> int:
        chance = random.Random(seed)
        left = 0
        for begin in range(0, count, CALLS_OF_A_CHANNEL):
            calls = min(CALLS_OF_A_CHANNEL, count - begin)
            async with grpc.aio.insecure_channel(server.grpc, CHANNEL_OPTIONS) as channel:
                left += await _cancel_on(SciMultStub(channel), calls, begin, chance)
        return left

    return asyncio.run(main())


def wait_until_idle(server: ServerProcess) -> dict[str, float]:
    """Returns the gauges once all are 0, or as they are when the time is up."""
    end = time.monotonic() + SETTLE_SECONDS_MAX
    while True:
        metrics = Metrics.of(server)
        gauges = {name: metrics.value(name) for name in GAUGES}
        if not any(gauges.values()) or time.monotonic() > end:
            return gauges
        time.sleep(0.05)


async def _cancel_on(stub: SciMultStub, count: int, first: int, chance: random.Random) -> int:
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> bool:
        async with turn:
            texts = [f"{number} {place} {long_text(100)}" for place in range(number % 7 + 1)]
            request = pb.EncodeRequest(
                task=pb.TASK_SEARCH, documents=[pb.Document(text=text) for text in texts]
            )
            stream = number % 3 == 0
            call = stub.EncodeStream(iter([request] * 3)) if stream else stub.Encode(request)
            await asyncio.sleep(chance.uniform(0, CANCEL_SECONDS_MAX))
            return call.cancel()

    return sum(await asyncio.gather(*(one(first + number) for number in range(count))))
