"""A task is sent as its number if it has one, else as its name."""

from __future__ import annotations

import json
import subprocess
import sys

import grpc
import numpy as np
import pytest
from both_clients import KINDS

from scimult import InvalidArgumentError, SentenceEncoder
from scimult._generated import scimult_pb2 as pb


@pytest.fixture(params=KINDS, ids=["threads", "asyncio"])
def calls(request, server):
    return request.param(server, timeout=20)


@pytest.fixture
def seen(server):
    """The task of each request, as a number and as a name."""
    tasks = []
    server.intercept = lambda request, context: tasks.append((request.task, request.task_name))
    return tasks


@pytest.mark.parametrize(
    ("task", "fields"),
    [
        ("search", (pb.TASK_SEARCH, "")),
        ("link-prediction", (pb.TASK_LINK_PREDICTION, "")),
        ("regression", (pb.TASK_UNSPECIFIED, "regression")),
    ],
)
def test_a_task_travels_in_one_of_two_fields(calls, server, seen, task, fields):
    rows = calls.call("encode", ["a", "b"], task=task)
    expected = [server.vector(pb.Document(text=text), fields[0] or fields[1]) for text in "ab"]
    np.testing.assert_array_equal(rows, expected)
    calls.encode_iter(["a"], task=task)
    calls.call("rank", "a", ["b", "c"], task=task)
    assert seen == [fields] * 3


@pytest.mark.parametrize(
    ("task", "name"),
    [
        ("same-author", "same-author"),
        ("Search", "Search"),
        ("régression", "régression"),
        ("re\ud800", "re\ufffd"),
        (np.str_("regression"), "regression"),
    ],
)
def test_other_names_travel_as_they_are(client, server, seen, task, name):
    server.other_tasks = (name,)
    client.encode("a", task=task)
    assert seen == [(pb.TASK_UNSPECIFIED, name)]


def test_the_server_refuses_a_task_that_it_does_not_have(calls, server):
    words = "'serach' is no task of the model, which has classification, .*, search, regression"
    with pytest.raises(InvalidArgumentError, match=words):
        calls.call("encode", ["a", "b"], task="serach")
    with pytest.raises(InvalidArgumentError, match=words):
        calls.encode_iter(["a", "b"], task="serach")
    with pytest.raises(InvalidArgumentError, match=words):
        calls.call("rank", "a", ["b"], task="serach")
    assert server.requests == [2, 2, 1]


def test_a_name_and_a_fingerprint_leave_documents_less_room(client, server):
    server.fingerprint = "f" * 1000
    server.dimensions = 200
    rows = client.encode(["a", "b", "c", "d"], task="regression")
    assert rows.shape == (4, 200)
    assert server.requests == [3, 1]


def test_a_server_that_knows_no_names_refuses_them(client, server):
    def refuse(request, context):
        if not request.task:
            words = "task: must be set: TASK_CLASSIFICATION, TASK_LINK_PREDICTION or TASK_SEARCH"
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, words)

    server.intercept = refuse
    assert len(client.encode("a", task="search")) == 1
    with pytest.raises(InvalidArgumentError, match="task: must be set"):
        client.encode("a", task="regression")


def test_the_sentence_encoder_takes_any_task(client, server, seen):
    SentenceEncoder(client, task="regression").encode(["a"], show_progress_bar=False)
    assert seen == [(pb.TASK_UNSPECIFIED, "regression")]
    with pytest.raises(ValueError, match="unknown task"):
        SentenceEncoder(client, task="")


@pytest.fixture
def run(server, tmp_path):
    """Runs the client's command with one text; ``PAPERS`` stands for its file."""
    papers = tmp_path / "papers.jsonl"
    papers.write_text('{"text": "a"}\n')

    def run(command, *words):
        words = [str(papers) if word == "PAPERS" else word for word in words]
        line = [sys.executable, "-m", "scimult.command.main", command, "--server", server.address]
        return subprocess.run(
            [*line, *words], capture_output=True, text=True, timeout=60, check=False
        )

    return run


class TestTheCommand:
    def test_any_task_is_taken(self, run, seen):
        assert run("encode", "--task", "regression", "PAPERS").returncode == 0
        assert run("rank", "--task", "link-prediction", "--query", "q", "PAPERS").returncode == 0
        assert seen == [(pb.TASK_UNSPECIFIED, "regression"), (pb.TASK_LINK_PREDICTION, "")]

    def test_a_task_that_the_server_does_not_have_is_its_refusal(self, run):
        ended = run("encode", "--task", "serach", "PAPERS")
        assert ended.returncode == 1
        assert "'serach' is no task of the model" in ended.stderr

    def test_no_task_is_wrong_use(self, run):
        ended = run("encode", "--task", "", "PAPERS")
        assert ended.returncode == 2
        assert "unknown task ''" in ended.stderr

    def test_the_model_tells_its_tasks_and_experts(self, run):
        lines = run("model").stdout.splitlines()
        described = {line[:18].strip(): line[18:].strip() for line in lines}
        assert described["task names"] == "classification, link_prediction, search, regression"
        assert described["experts"] == (
            "regression-expert (regression, query), regression-expert (regression, candidate)"
        )
        assert described["fingerprint"] == "f0"

    def test_the_model_as_json(self, run):
        described = json.loads(run("model", "--json").stdout)
        assert described["task_names"][-1] == "regression"
        expert = {"task": "regression", "role": "query", "name": "regression-expert"}
        assert described["experts"][0] == expert
