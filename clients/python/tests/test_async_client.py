"""The asyncio client gives the same results as the client for threads."""

from __future__ import annotations

import asyncio
import inspect
import threading
from contextlib import aclosing

import grpc
import numpy as np
import pytest
from both_clients import AsyncioCalls

from scimult import (
    AsyncClient,
    Client,
    DeadlineExceededError,
    InvalidArgumentError,
    ScimultError,
)


@pytest.fixture
def calls(server):
    return AsyncioCalls(server, timeout=20)


TEXTS = [f"text {number}" for number in range(50)]


def test_its_methods_take_the_same_arguments():
    def public(kind):
        return {
            name: str(inspect.signature(method)).partition(" -> ")[0]
            for name, method in inspect.getmembers(kind, inspect.isfunction)
            if not name.startswith("_") or name == "__init__"
        }

    asynchronous = {
        name: signature.replace("Document | Documents", "Document | Iterable[Document]").replace(
            "Documents", "Iterable[Document]"
        )
        for name, signature in public(AsyncClient).items()
    }
    assert asynchronous == public(Client)


def test_embeddings_are_the_same(calls, client, server):
    expected = client.encode(TEXTS, task="search", normalize=True)
    server.requests.clear()
    rows = calls.call("encode", iter(TEXTS), task="search", normalize=True)
    np.testing.assert_array_equal(rows, expected)
    assert server.requests == [8] * 6 + [2]
    assert calls.call("encode", "one", task="search").shape == (1, server.dimensions)
    assert calls.call("encode", [], task="search").shape == (0, server.dimensions)


def test_rankings_are_the_same(calls, client):
    options = {"task": "search", "top_k": 12, "return_documents": True}
    assert calls.call("rank", "q", TEXTS, **options) == client.rank("q", TEXTS, **options)


def test_the_model_is_the_same(calls, client):
    assert calls.call("model") == client.model()


def test_documents_may_come_asynchronously(calls, client):
    async def source():
        for text in TEXTS:
            await asyncio.sleep(0)
            yield text

    expected = client.encode(TEXTS, task="search")
    np.testing.assert_array_equal(calls.call("encode", source(), task="search"), expected)
    assert calls.call("rank", "q", source(), task="search") == client.rank(
        "q", TEXTS, task="search"
    )
    rows = []
    calls.encode_iter(source(), task="search", on_row=lambda row: rows.append(row) or True)
    np.testing.assert_array_equal([row.embedding for row in rows], expected)


def test_errors_are_the_same(calls, server):
    def refuse(request, context):
        context.set_trailing_metadata([("grpc-retry-pushback-ms", "-1")])
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, "documents[1].text: poison")

    server.intercept = refuse
    with pytest.raises(InvalidArgumentError, match="poison") as caught:
        calls.call("encode", ["a", "b"], task="search")
    assert isinstance(caught.value.__cause__, grpc.RpcError)
    with pytest.raises(ValueError, match="unknown task"):
        calls.call("encode", "a", task="")
    with pytest.raises(TypeError, match="document 1"):
        calls.call("encode", ["a", 2], task="search")


def test_late_answer_is_a_deadline_exceeded(server):
    answer = threading.Event()
    server.intercept = lambda request, context: answer.wait(20)
    with pytest.raises(DeadlineExceededError):
        AsyncioCalls(server, timeout=0.2).call("encode", "a", task="search")
    answer.set()


def test_a_full_server_is_asked_again(calls, server):
    refusals = iter([True, True])

    def refuse_twice(request, context):
        if next(refusals, False):
            context.set_trailing_metadata([("grpc-retry-pushback-ms", "20")])
            context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "queue full")

    server.intercept = refuse_twice
    assert calls.call("encode", "a", task="search").shape == (1, server.dimensions)
    assert server.requests == [1, 1, 1]


def test_token_and_priority_travel(server):
    seen = []
    server.intercept = lambda request, context: seen.append(dict(context.invocation_metadata()))
    AsyncioCalls(server, token="s3cret", priority="batch").call("encode", "a", task="search")
    assert seen[0]["authorization"] == "Bearer s3cret"
    assert seen[0]["x-scimult-priority"] == "batch"


def test_many_calls_share_a_client(server):
    async def main():
        async with AsyncClient(server.address) as client:
            return await asyncio.gather(*(client.encode(text, task="search") for text in TEXTS))

    with Client(server.address) as client:
        expected = client.encode(TEXTS, task="search")
    np.testing.assert_array_equal(np.concatenate(asyncio.run(main())), expected)


def test_a_call_that_is_cancelled_ends(server):
    answer = threading.Event()
    server.intercept = lambda request, context: answer.wait(20)

    async def main():
        async with AsyncClient(server.address) as client:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(client.encode("a", task="search"), 0.2)

    asyncio.run(main())
    answer.set()


def test_leaving_early_cancels_what_is_under_way(server):
    arrived, cancelled = threading.Event(), threading.Event()

    def intercept(request, context):
        if request.documents[0].text != TEXTS[0]:
            context.add_callback(cancelled.set)
            arrived.set()
            cancelled.wait(20)

    server.intercept = intercept

    async def main():
        async with AsyncClient(server.address) as client:
            async with aclosing(
                client.encode_iter(TEXTS[:16], task="search", concurrency=2)
            ) as rows:
                await anext(rows)
                assert await asyncio.to_thread(arrived.wait, 20)
            assert await asyncio.to_thread(cancelled.wait, 10)

    asyncio.run(main())


def test_it_is_made_inside_of_a_loop(server):
    with pytest.raises(RuntimeError, match="event loop"):
        AsyncClient(server.address)


def test_no_server_is_unavailable():
    async def main():
        async with AsyncClient("127.0.0.1:1", retries=0) as client:
            await client.model()

    with pytest.raises(ScimultError, match="UNAVAILABLE"):
        asyncio.run(main())
