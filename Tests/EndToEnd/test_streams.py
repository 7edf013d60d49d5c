"""Streams: many requests on one call, matched by their ids, with grpcio."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable, Iterator

import grpc
import numpy as np
import pytest

from harness.calls import CALL_SECONDS_MAX, SERVICE, encode, get_model, rank
from harness.texts import long_text
from scimult._generated import scimult_pb2 as pb

INVALID_ARGUMENT = grpc.StatusCode.INVALID_ARGUMENT.value[0]


def encode_stream(channel: grpc.Channel, requests: Iterable[bytes | pb.EncodeRequest], **options):
    """Yields the replies as they arrive."""
    method = channel.stream_stream(
        f"/{SERVICE}/EncodeStream", response_deserializer=pb.EncodeResponse.FromString
    )
    raw = (each if isinstance(each, bytes) else each.SerializeToString() for each in requests)
    return method(raw, timeout=options.pop("timeout", CALL_SECONDS_MAX), **options)


def request(number: int, words: int = 5) -> pb.EncodeRequest:
    documents = [
        pb.Document(id=f"{number}/{place}", text=f"{number} {place} cells " * words)
        for place in range(1 + number % 3)
    ]
    return pb.EncodeRequest(request_id=str(number), task=pb.TASK_SEARCH, documents=documents)


def values(response: pb.EncodeResponse) -> np.ndarray:
    return np.array([embedding.values for embedding in response.embeddings], np.float32)


def test_each_request_is_answered_as_a_unary_call_is(channel):
    requests = [request(number) for number in range(300)]
    replies = {reply.request_id: reply for reply in encode_stream(channel, requests)}
    assert len(replies) == len(requests)
    for one in requests[::17]:
        alone = encode(channel, one)
        reply = replies[one.request_id]
        assert [each.id for each in reply.embeddings] == [each.id for each in one.documents]
        assert reply.model == alone.model
        assert not reply.HasField("status")
        np.testing.assert_allclose(values(reply), values(alone), rtol=0, atol=1e-5)


def test_ranking(channel):
    texts = [pb.Document(id=str(place), text=f"candidate {place}") for place in range(5)]
    requests = [
        pb.RankRequest(
            request_id=str(number),
            task=pb.TASK_SEARCH,
            query=pb.Document(text=f"query {number}"),
            candidates=texts,
        )
        for number in range(50)
    ]
    method = channel.stream_stream(
        f"/{SERVICE}/RankStream",
        request_serializer=pb.RankRequest.SerializeToString,
        response_deserializer=pb.RankResponse.FromString,
    )
    replies = {reply.request_id: reply for reply in method(iter(requests), timeout=60)}
    assert len(replies) == len(requests)
    alone = rank(channel, requests[7])
    assert [hit.index for hit in replies["7"].results] == [hit.index for hit in alone.results]


def test_replies_come_before_the_client_has_sent_all(channel):
    answered = threading.Event()

    def requests() -> Iterator[pb.EncodeRequest]:
        yield request(1)
        assert answered.wait(30)
        yield request(2)

    replies = encode_stream(channel, requests())
    assert next(replies).request_id == "1"
    answered.set()
    assert [reply.request_id for reply in replies] == ["2"]


def test_a_bad_request_answers_for_itself(channel):
    bad_task = pb.EncodeRequest(request_id="task", documents=[pb.Document(text="t")])
    empty = pb.EncodeRequest(request_id="empty", task=pb.TASK_SEARCH)
    malformed = b"\xff\xff"
    replies = list(encode_stream(channel, [request(1), bad_task, malformed, empty, request(2)]))
    by_id = {reply.request_id: reply for reply in replies}
    assert len(replies) == 5
    assert by_id["task"].status.code == INVALID_ARGUMENT
    assert "task" in by_id["task"].status.message
    assert "documents" in by_id["empty"].status.message
    assert by_id[""].status.code == INVALID_ARGUMENT
    for number in ("1", "2"):
        assert by_id[number].status.code == 0
        assert by_id[number].embeddings


def test_a_bad_ranking_answers_for_itself(channel):
    method = channel.stream_stream(
        f"/{SERVICE}/RankStream",
        request_serializer=pb.RankRequest.SerializeToString,
        response_deserializer=pb.RankResponse.FromString,
    )
    (reply,) = method(iter([pb.RankRequest(request_id="r", task=pb.TASK_SEARCH)]), timeout=30)
    assert reply.request_id == "r"
    assert reply.status.code == INVALID_ARGUMENT
    assert "query" in reply.status.message


def test_a_stream_without_requests_ends_well(channel):
    assert list(encode_stream(channel, [])) == []


def test_a_stream_waits_where_a_unary_call_is_refused(start_server):
    server = start_server("--threads", "1", "--max-queue-tokens", "1000", "--cache-bytes", "0")
    with server.channel() as channel:
        requests = (
            pb.EncodeRequest(
                request_id=str(number),
                task=pb.TASK_SEARCH,
                documents=[pb.Document(text=f"{number} " + long_text(400))] * 3,
            )
            for number in range(200)
        )
        replies = list(encode_stream(channel, requests))
    assert sorted(int(reply.request_id) for reply in replies) == list(range(200))
    assert all(reply.status.code == 0 for reply in replies)


def test_a_cancelled_stream_frees_its_place(start_server):
    server = start_server("--threads", "1", "--cache-bytes", "0")
    with server.channel() as channel:
        long = pb.EncodeRequest(
            request_id="long",
            task=pb.TASK_SEARCH,
            documents=[pb.Document(text=long_text(400))] * 200,
        )
        endless = encode_stream(channel, itertools.repeat(long))
        next(endless)
        endless.cancel()
        assert encode(channel, request(1), timeout=30).request_id == "1"


def test_a_deadline_ends_a_stream(channel):
    def requests() -> Iterator[pb.EncodeRequest]:
        yield request(1)
        threading.Event().wait(5)

    replies = encode_stream(channel, requests(), timeout=1)
    assert next(replies).request_id == "1"
    with pytest.raises(grpc.RpcError) as caught:
        next(replies)
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED


def test_a_stop_lets_a_stream_finish(start_server):
    server = start_server()
    with server.channel() as channel:
        stopped = threading.Event()

        def requests() -> Iterator[pb.EncodeRequest]:
            yield request(1)
            assert stopped.wait(30)
            for number in range(2, 20):
                yield request(number)

        replies = encode_stream(channel, requests())
        assert next(replies).request_id == "1"
        server.process.terminate()
        stopped.set()
        assert len(list(replies)) == 18
    assert server.wait() == 0


def test_many_streams_at_once(channel):
    def run(number: int, replies: list[int]) -> None:
        requests = [request(1000 * number + place) for place in range(50)]
        replies.append(len(list(encode_stream(channel, requests))))

    counts: list[int] = []
    threads = [threading.Thread(target=run, args=(number, counts)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [50] * 16
    assert get_model(channel).name == "tiny-expert"
