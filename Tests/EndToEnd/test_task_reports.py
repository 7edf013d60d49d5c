"""Metrics, logs and traces contain the names of the model's tasks, and no other names."""

from __future__ import annotations

import json
import shutil

import pytest

from harness.admin import get
from harness.calls import SERVICE, encode, failure, rank
from harness.metrics import Metrics
from harness.prometheus import check_metrics
from harness.trace_receiver import TraceReceiver
from scimult._generated import scimult_pb2 as pb

PER_TASK = ("scimult_texts_total", "scimult_tokens_total")


def request(task: str, *texts: str, **options) -> pb.EncodeRequest:
    documents = [pb.Document(text=text) for text in texts]
    return pb.EncodeRequest(task_name=task, documents=documents, **options)


def ranking(task: str) -> pb.RankRequest:
    document = pb.Document(text="cells")
    return pb.RankRequest(task_name=task, query=document, candidates=[document] * 2)


@pytest.fixture
def start(start_server, specter2):
    def start(*arguments, **options):
        return start_server(*arguments, model=specter2, **options)

    return start


def test_a_fourth_task_is_counted_under_its_name(start):
    server = start()
    stream = [request("regression", "cells").SerializeToString()] * 3
    with server.channel() as channel:
        response = encode(channel, request("regression", "cells", "graph models"))
        rank(channel, ranking("regression"))
        failure(channel, "Encode", request("regression"))
        encode(channel, request("link-prediction", "cells"))
        list(channel.stream_stream(f"/{SERVICE}/EncodeStream")(iter(stream), timeout=60))
    metrics = Metrics.of(server)

    def requests(method: str, status: str, task: str) -> float:
        labels = {"method": method, "status": status, "task": task}
        return metrics.value("scimult_requests_total", **labels)

    assert requests("Encode", "OK", "regression") == 1
    assert requests("Encode", "INVALID_ARGUMENT", "regression") == 1
    assert requests("Rank", "OK", "regression") == 1
    assert requests("EncodeStream", "OK", "regression") == 3
    assert requests("Encode", "OK", "link_prediction") == 1
    cells, graphs = (embedding.tokens for embedding in response.embeddings)
    assert metrics.value("scimult_texts_total", task="regression") == 2 + 3 + 3
    assert metrics.value("scimult_tokens_total", task="regression") == 7 * cells + graphs
    assert metrics.value("scimult_tokens_total", task="link_prediction") == cells
    assert check_metrics(metrics.text).returncode == 0


def test_every_served_task_has_its_series_at_once(start):
    metrics = Metrics.of(start())
    for name in PER_TASK:
        tasks = {labels[0] for labels in metrics.series(name)}
        assert tasks == {"classification", "link_prediction", "search", "regression"}


def test_names_that_are_no_tasks_make_no_series(start):
    server = start()
    with server.channel() as channel:
        encode(channel, request("regression", "cells"))
        for name in ("first", "a\tb"):
            failure(channel, "Encode", request(name, "cells"))
            failure(channel, "Rank", ranking(name))
        before = Metrics.of(server)
        for number in range(200):
            failure(channel, "Encode", request(f"made up {number}", "cells"))
            failure(channel, "Rank", ranking(f"made up {number}"))
            failure(channel, "Encode", request("n" * 65 + str(number), "cells"))
        after = Metrics.of(server)
    assert after.samples.keys() == before.samples.keys()
    for method, count in (("Encode", 201), ("Rank", 201)):
        labels = {"method": method, "status": "FAILED_PRECONDITION", "task": "none"}
        assert after.value("scimult_requests_total", **labels) == count
    assert "made up" not in get(server, "/metrics").text


def test_a_name_with_signs_of_the_metrics_own_is_escaped(start_server, specter2, tmp_path):
    name = 'a "b" \\ {c="d"}, é'
    model = shutil.copytree(specter2, tmp_path / "model")
    experts = {"experts": {name: "regression"}}
    (model / "scimult.json").write_text(json.dumps(experts))
    server = start_server(model=model)
    with server.channel() as channel:
        encode(channel, request(name, "cells"))
    metrics = Metrics.of(server)
    labels = {"method": "Encode", "status": "OK", "task": name}
    assert metrics.value("scimult_requests_total", **labels) == 1
    assert metrics.value("scimult_texts_total", task=name) == 1
    assert check_metrics(metrics.text).returncode == 0


@pytest.mark.parametrize("form", ["json", "text"])
def test_the_request_log_names_the_task(start, form):
    server = start("--request-log", "all", "--log-format", form)
    with server.channel() as channel:
        encode(channel, request("regression", "cells", request_id="r-1"))
        encode(channel, request("link-prediction", "cells", request_id="r-2"))
        rank(channel, ranking("regression"))
        failure(channel, "Encode", request("made up", "cells", request_id="r-3"))
    server.stop()
    if form == "text":
        (line,) = [line for line in server.stderr.splitlines() if "request_id=r-1" in line]
        assert "task=regression" in line
        return
    lines = [json.loads(line) for line in server.stderr.splitlines()]
    tasks = [line.get("task") for line in lines if line["message"] == "request"]
    assert tasks == ["regression", "link_prediction", "regression", None]
    assert "made up" not in server.stderr


def test_traces_name_the_task(start):
    with TraceReceiver() as receiver:
        server = start(environment=receiver.environment())
        with server.channel() as channel:
            encode(channel, request("regression", "cells"))
            rank(channel, ranking("regression"))
            encode(channel, pb.EncodeRequest(task=3, documents=[pb.Document(text="cells")]))
            failure(channel, "Encode", request("made up", "cells"))
        trees = receiver.wait_for_trees(4)
        server.stop()
        sent = b"".join(post.body for post in receiver.posts)
    tasks = [tree.attributes.get("scimult.task") for tree in trees]
    assert tasks == ["regression", "regression", "search", None]
    assert b"made up" not in sent


def test_lookups_of_the_cache_are_by_expert(start):
    """One text for two tasks is encoded twice if the tasks have different experts."""
    server = start()
    with server.channel() as channel:
        for _ in range(2):
            for task in ("classification", "link_prediction", "search", "regression"):
                for role in (pb.ROLE_QUERY, pb.ROLE_CANDIDATE):
                    encode(channel, request(task, "cells", role=role))
    metrics = Metrics.of(server)
    hits, misses = (metrics.value(f"scimult_cache_{name}_total") for name in ("hits", "misses"))
    assert hits + misses == 16
    assert 4 <= misses <= 8, "four experts, and eight pairs of a task and a role"
