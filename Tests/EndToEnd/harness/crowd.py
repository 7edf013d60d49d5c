"""Many concurrent clients, each with a separate connection."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AsyncExitStack

import grpc

from scimult._generated import scimult_pb2 as pb
from scimult._generated.scimult_pb2_grpc import SciMultStub

from .server import CHANNEL_OPTIONS, ServerProcess
from .texts import long_text

CALL_SECONDS_MAX = 120

Outcomes = Counter[grpc.StatusCode]


def crowd(server: ServerProcess, connections: int, calls_of_each: int, words: int) -> Outcomes:
    """Returns the statuses of concurrent calls on all connections, while all are open."""

    async def main() -> Outcomes:
        async with AsyncExitStack() as stack:
            stubs = [
                SciMultStub(
                    await stack.enter_async_context(
                        grpc.aio.insecure_channel(server.grpc, CHANNEL_OPTIONS)
                    )
                )
                for _ in range(connections)
            ]
            outcomes = Outcomes()
            for turn in range(calls_of_each):
                calls = (
                    _call(stub, f"{number} {turn} {long_text(words)}")
                    for number, stub in enumerate(stubs)
                )
                outcomes.update(await asyncio.gather(*calls))
            return outcomes

    return asyncio.run(main())


async def _call(stub: SciMultStub, text: str) -> grpc.StatusCode:
    request = pb.EncodeRequest(task=pb.TASK_SEARCH, documents=[pb.Document(text=text)])
    try:
        response = await stub.Encode(request, timeout=CALL_SECONDS_MAX)
    except grpc.aio.AioRpcError as error:
        return error.code()
    assert len(response.embeddings) == 1
    return grpc.StatusCode.OK
