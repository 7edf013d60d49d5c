"""A text is encoded once: later answers have the same bits, and metrics count hits and misses."""

from __future__ import annotations

import signal

import pytest

from harness.calls import encode, rank
from harness.http2 import Http2Connection
from harness.metrics import Metrics
from harness.server import ServerProcess
from harness.texts import TASKS, long_request, long_text
from harness.wire import unframe
from scimult._generated import scimult_pb2 as pb

OK = 0
DEFAULT_BYTES = 67_108_864


def metrics(server: ServerProcess) -> dict[str, int]:
    """Returns the metrics of the cache by the differing part of their names."""
    return {
        name.removeprefix("scimult_cache_"): int(value)
        for (name, _), value in Metrics.of(server).samples.items()
        if name.startswith("scimult_cache_")
    }


def lookups(server: ServerProcess) -> tuple[int, int]:
    """Returns hits and misses so far."""
    seen = metrics(server)
    return seen["hits_total"], seen["misses_total"]


def request(*texts: str, **options) -> pb.EncodeRequest:
    documents = [pb.Document(text=text) for text in texts]
    return pb.EncodeRequest(documents=documents, **{"task": pb.TASK_SEARCH, **options})


def values(response: pb.EncodeResponse) -> list[list[float]]:
    return [list(embedding.values) for embedding in response.embeddings]


def test_the_warm_up_is_not_in_the_metrics(start_server):
    server = start_server()
    assert metrics(server) == {
        **{"hits_total": 0, "misses_total": 0, "entries": 0, "bytes": 0},
        "max_bytes": DEFAULT_BYTES,
    }


def test_second_answer_has_the_same_bits(start_server, expected):
    server = start_server("--precision", "fp32")
    documents = [row.document(str(index)) for index, row in enumerate(expected)]
    with server.channel() as channel:
        all_at_once = pb.EncodeRequest(task=pb.TASK_SEARCH, documents=documents)
        first = encode(channel, all_at_once)
        hits, misses = lookups(server)
        assert encode(channel, all_at_once) == first
        # With other texts in the batch, the encoder would round differently.
        for index in reversed(range(len(documents))):
            one = pb.EncodeRequest(task=pb.TASK_SEARCH, documents=[documents[index]])
            (embedding,) = encode(channel, one).embeddings
            assert embedding == first.embeddings[index]
        assert lookups(server) == (hits + 2 * len(documents), misses)


def test_same_text_many_times_in_a_request(start_server):
    server = start_server()
    with server.channel() as channel:
        response = encode(channel, request(*["cells"] * 500))
    assert len(response.embeddings) == 500
    assert len({tuple(row) for row in values(response)}) == 1
    assert lookups(server) == (499, 1)
    assert metrics(server)["entries"] == 1


def test_same_text_in_requests_that_are_open_together(start_server):
    server = start_server("--threads", "1")
    with Http2Connection(server) as connection:
        busy = connection.call("Encode", long_request(30).SerializeToString())
        same = [connection.call("Encode", request("cells").SerializeToString()) for _ in range(50)]
        answers = {connection.response(stream).data for stream in same}
        assert len(answers) == 1
        assert connection.response(busy).status()[0] == OK
    assert lookups(server) == (49, 31)


def test_task_and_role_tell_texts_apart(start_server):
    server = start_server()
    with server.channel() as channel:
        for _ in range(2):
            for task in TASKS.values():
                for role in (pb.ROLE_QUERY, pb.ROLE_CANDIDATE):
                    encode(channel, request("cells", task=task, role=role))
    assert lookups(server) == (6, 6)


def test_what_differs_after_the_encoder_is_made_of_one_embedding(start_server):
    server = start_server()
    with server.channel() as channel:
        plain = values(encode(channel, request("cells")))
        assert values(encode(channel, request("cells", normalize=True))) != plain
        encode(channel, request("cells", format=pb.EMBEDDING_FORMAT_INT8))
        assert values(encode(channel, request("Cells"))) == plain, "the same tokens"
    assert lookups(server) == (3, 1)


def test_ranking_uses_what_encoding_made(start_server):
    server = start_server()
    texts = ["graphs", "cells", "graphs"]
    with server.channel() as channel:
        candidates = values(encode(channel, request(*texts, role=pb.ROLE_CANDIDATE)))
        assert candidates[0] == candidates[2]
        ranking = pb.RankRequest(
            task=pb.TASK_SEARCH,
            query=pb.Document(text="graphs"),
            candidates=[pb.Document(text=text) for text in texts],
        )
        first = rank(channel, ranking)
        assert lookups(server) == (4, 3), "the query is no candidate"
        assert rank(channel, ranking) == first
        assert lookups(server) == (8, 3)
    scores = {result.index: result.score for result in first.results}
    assert scores[0] == scores[2]


def test_known_texts_are_answered_while_the_queue_is_full(start_server):
    server = start_server("--threads", "1", "--max-queue-tokens", "1000")
    known = request("cells", "graphs").SerializeToString()
    with Http2Connection(server) as connection:
        first = connection.response(connection.call("Encode", known))
        busy = connection.call("Encode", long_request(100).SerializeToString())
        connection.ping()
        responses = []
        for number in range(20):
            # The same thread reads it after the large one. A short text would overtake the large
            # one.
            text = f"{number} {long_text(400)}"
            unknown = connection.call("Encode", request(text).SerializeToString())
            again = connection.call("Encode", known)
            responses.append((connection.response(unknown), connection.response(again)))
        assert any(unknown.status()[0] != OK for unknown, _ in responses)
        assert all(again.data == first.data for _, again in responses)
        assert connection.response(busy).status()[0] == OK


def test_first_request_goes_and_the_others_are_answered(start_server):
    server = start_server("--threads", "1")
    with Http2Connection(server) as connection:
        busy = connection.call("Encode", long_request(30).SerializeToString())
        gone = connection.call("Encode", request("cells", "graphs").SerializeToString())
        kept = connection.call("Encode", request("graphs").SerializeToString())
        connection.reset(gone)
        assert connection.response(kept).status() == (OK, "")
        assert connection.response(busy).status() == (OK, "")
        again = connection.response(
            connection.call("Encode", request("graphs").SerializeToString())
        )
        assert unframe(again.data) == unframe(connection.response(kept).data)


def test_memory_is_bounded(start_server):
    server = start_server("--cache-bytes", "20000")
    with server.channel() as channel:
        for start in range(0, 500, 50):
            encode(channel, request(*[f"cells {number}" for number in range(start, start + 50)]))
            assert 0 < metrics(server)["bytes"] <= 20_000
        entries = metrics(server)["entries"]
        assert 0 < entries < 500
        hits, misses = lookups(server)
        encode(channel, request("cells 499"))
        encode(channel, request("cells 0"))
        assert lookups(server) == (hits + 1, misses + 1)


@pytest.mark.parametrize("off", [{"option": "0"}, {"variable": "0"}])
def test_off(start_server, off):
    option = ["--cache-bytes", off["option"]] if "option" in off else []
    environment = {"SCIMULT_CACHE_BYTES": off["variable"]} if "variable" in off else None
    server = start_server(*option, environment=environment)
    with server.channel() as channel:
        for _ in range(2):
            assert len(encode(channel, request("cells", "cells")).embeddings) == 2
    assert set(metrics(server).values()) == {0}
    server.stop()
    assert "hit-rate" not in server.stderr


def test_size_from_the_environment(start_server):
    environment = {"SCIMULT_CACHE_BYTES": "12345"}
    assert metrics(start_server(environment=environment))["max_bytes"] == 12_345
    assert metrics(start_server("--cache-bytes=7", environment=environment))["max_bytes"] == 7


@pytest.mark.parametrize("size", ["-1", "64MB", "", "1.5", str(1 << 51)])
def test_size_that_is_none(command, tiny_expert, size):
    error = command("serve", "--model", tiny_expert, f"--cache-bytes={size}").fail(2)
    assert "cache-bytes" in error


def test_help_explains_the_option(command):
    help_text = command("serve", "--help").succeed().stdout
    assert "--cache-bytes <BYTES>" in help_text
    assert str(DEFAULT_BYTES) in help_text


def test_log_says_at_the_end_how_often(start_server):
    server = start_server()
    with server.channel() as channel:
        encode(channel, request("cells", "cells", "graphs", "cells"))
    server.signal(signal.SIGTERM)
    assert server.wait() == 0
    (line,) = [line for line in server.stderr.splitlines() if "hit-rate" in line]
    assert "hits=2" in line
    assert "misses=2" in line
    assert "hit-rate=0.5" in line
