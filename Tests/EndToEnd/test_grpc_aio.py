"""grpcio's asyncio client: one thread, many concurrent calls."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import grpc
import numpy as np
import pytest

from harness.calls import CALL_SECONDS_MAX, encode
from harness.server import CHANNEL_OPTIONS, ServerProcess
from harness.texts import long_request
from scimult._generated import scimult_pb2 as pb
from scimult._generated.scimult_pb2_grpc import SciMultStub
from scimult.error_details import to_error

Outcome = TypeVar("Outcome")

#: The replies to this many requests exceed HTTP/2's windows and the server's buffers.
UNREAD_REQUESTS = 3000

SMALL_QUEUE = ("--threads", "1", "--cache-bytes", "0", "--max-queue-tokens", "2000")


def run(
    server: ServerProcess,
    body: Callable[[SciMultStub], Awaitable[Outcome]],
    compression: grpc.Compression | None = None,
) -> Outcome:
    """Returns the body's result, with a separate connection."""

    async def main() -> Outcome:
        async with grpc.aio.insecure_channel(server.grpc, CHANNEL_OPTIONS, compression) as channel:
            return await asyncio.wait_for(body(SciMultStub(channel)), CALL_SECONDS_MAX)

    return asyncio.run(main())


def request(number: int, documents: int = 1) -> pb.EncodeRequest:
    text = f"cells of kind {number}"
    return pb.EncodeRequest(
        request_id=str(number),
        task=pb.TASK_SEARCH,
        documents=[pb.Document(id=str(place), text=text) for place in range(documents)],
    )


def values(response: pb.EncodeResponse) -> np.ndarray:
    return np.array([embedding.values for embedding in response.embeddings], np.float32)


async def answer_when_there_is_room(stub: SciMultStub) -> str:
    """The client may send its next call before the reset of the cancelled one."""
    while True:
        try:
            return (await stub.Encode(request(1))).request_id
        except grpc.aio.AioRpcError as error:
            assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
            await asyncio.sleep(0.01)


async def call_that_fills_the_queue(stub: SciMultStub) -> grpc.aio.UnaryUnaryCall:
    """Starts a call whose work causes others to be refused.

    A short request that arrives first leaves too little space for the long one, which is then
    repeated.
    """
    while True:
        call = stub.Encode(long_request(1_000))
        while not call.done():
            try:
                await stub.Encode(request(0))
            except grpc.aio.AioRpcError as error:
                assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
                return call
        assert await call.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_unary(server, channel):
    async def body(stub: SciMultStub) -> list[pb.EncodeResponse]:
        return await asyncio.gather(*(stub.Encode(request(number)) for number in range(300)))

    replies = run(server, body)
    assert [reply.request_id for reply in replies] == [str(number) for number in range(300)]
    for number in range(0, 300, 37):
        expected = values(encode(channel, request(number)))
        np.testing.assert_allclose(values(replies[number]), expected, rtol=0, atol=1e-5)


def test_error(server):
    async def body(stub: SciMultStub) -> grpc.aio.AioRpcError:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.Encode(pb.EncodeRequest())
        return caught.value

    error = to_error(run(server, body))
    assert error.code is grpc.StatusCode.INVALID_ARGUMENT
    assert [violation.field for violation in error.violations] == ["task"]


@pytest.mark.parametrize("compression", [grpc.Compression.Gzip, grpc.Compression.Deflate])
def test_compression(server, channel, compression):
    async def body(stub: SciMultStub) -> pb.EncodeResponse:
        return await stub.Encode(request(1, documents=30))

    packed = run(server, body, compression)
    expected = values(encode(channel, request(1, documents=30)))
    np.testing.assert_allclose(values(packed), expected, rtol=0, atol=1e-5)


def test_a_reader_that_is_slow_holds_its_stream_and_nothing_else(server):
    async def body(stub: SciMultStub) -> tuple[int, list[str]]:
        call = stub.EncodeStream()
        written = 0

        async def write() -> None:
            nonlocal written
            for number in range(UNREAD_REQUESTS):
                await call.write(request(number, documents=20))
                written += 1
            await call.done_writing()

        writing = asyncio.create_task(write())
        before = -1
        while written > before:
            before = written
            for number in range(100):
                assert (await stub.Encode(request(number))).request_id == str(number)
        replies = [reply.request_id async for reply in call]
        await writing
        return before, replies

    written_unread, replies = run(server, body)
    assert written_unread < UNREAD_REQUESTS
    assert sorted(map(int, replies)) == list(range(UNREAD_REQUESTS))


def test_a_cancelled_call_makes_room(start_server):
    async def body(stub: SciMultStub) -> str:
        call = await call_that_fills_the_queue(stub)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert await call.code() is grpc.StatusCode.CANCELLED
        return await answer_when_there_is_room(stub)

    assert run(start_server(*SMALL_QUEUE), body) == "1"


def test_a_cancelled_stream_makes_room(start_server):
    async def body(stub: SciMultStub) -> str:
        call = stub.EncodeStream(long_request(1_000) for _ in range(50))
        assert await call.read()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call.read()
        return (await stub.Encode(request(1))).request_id

    assert run(start_server(*SMALL_QUEUE), body) == "1"


def test_a_call_past_its_deadline_makes_room(start_server):
    async def body(stub: SciMultStub) -> str:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.Encode(long_request(1_000), timeout=0.1)
        assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        return (await stub.Encode(request(1))).request_id

    assert run(start_server(*SMALL_QUEUE), body) == "1"


def test_a_stream_past_its_deadline_has_answered_what_it_could(server):
    async def body(stub: SciMultStub) -> list[str]:
        call = stub.EncodeStream(timeout=1)
        await call.write(request(1))
        replies = [(await call.read()).request_id]
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call.read()
        assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        return replies

    assert run(server, body) == ["1"]


def test_many_streams_at_once(server):
    async def body(stub: SciMultStub) -> list[list[str]]:
        async def stream(number: int) -> list[str]:
            requests = (request(1000 * number + place) for place in range(50))
            return [reply.request_id async for reply in stub.EncodeStream(requests)]

        return await asyncio.gather(*(stream(number) for number in range(20)))

    for number, replies in enumerate(run(server, body)):
        assert sorted(map(int, replies)) == [1000 * number + place for place in range(50)]
