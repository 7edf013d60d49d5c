"""A task that is invalid, or that the model does not serve, is refused with its name."""

from __future__ import annotations

from collections.abc import Iterator

import grpc
import pytest

from harness.calls import SERVICE, encode, failure
from harness.golden import encode_request, golden_rows, values
from scimult._generated import scimult_pb2 as pb

DOCUMENTS = [pb.Document(text="cells")]
SERVED = "classification, link_prediction, search, regression"


@pytest.fixture
def channel(specter2_server) -> Iterator[grpc.Channel]:
    with specter2_server.channel() as channel:
        yield channel


def requests(**task) -> dict[str, pb.EncodeRequest | pb.RankRequest]:
    """Returns requests of each method with the same invalid task."""
    return {
        "Encode": pb.EncodeRequest(documents=DOCUMENTS, **task),
        "Rank": pb.RankRequest(query=DOCUMENTS[0], candidates=DOCUMENTS, **task),
    }


INVALID = {
    "neither": ({}, "task", ["task_name"]),
    "both empty": ({"task": 0, "task_name": ""}, "task", ["task_name"]),
    "two tasks": (
        {"task": pb.TASK_SEARCH, "task_name": "classification"},
        "task_name",
        ["classification", "search"],
    ),
    "a number and a fourth task": (
        {"task": pb.TASK_SEARCH, "task_name": "regression"},
        "task_name",
        ["regression", "search"],
    ),
    "a number and no task": (
        {"task": pb.TASK_SEARCH, "task_name": "topics"},
        "task_name",
        ["topics", "search"],
    ),
    "a number that is none": ({"task": 4, "task_name": "regression"}, "task", ["4"]),
    "65 bytes": ({"task_name": "n" * 65}, "task_name", ["65", "64"]),
    "66 bytes of 33 letters": ({"task_name": "é" * 33}, "task_name", ["66", "64"]),
    "a tab": ({"task_name": "a\tb"}, "task_name", ["control characters"]),
    "a line's end": ({"task_name": "regression\n"}, "task_name", ["control characters"]),
    "a delete": ({"task_name": "a\x7f"}, "task_name", ["control characters"]),
    "a control of Unicode": ({"task_name": "a\x85b"}, "task_name", ["control characters"]),
    "a number and a tab": (
        {"task": pb.TASK_SEARCH, "task_name": "search\t"},
        "task_name",
        ["control characters"],
    ),
}


@pytest.mark.parametrize("method", ["Encode", "Rank"])
@pytest.mark.parametrize("case", INVALID)
def test_a_task_that_is_wrongly_said(channel, case, method):
    task, field, words = INVALID[case]
    error = failure(channel, method, requests(**task)[method])
    assert error.code is grpc.StatusCode.INVALID_ARGUMENT
    (violation,) = error.violations
    assert violation.field == field
    for word in (field, *words):
        assert word in error.message
    assert "\t" not in error.message
    assert "\n" not in error.message


#: Names are compared exactly.
OTHERS = ["topics", "Search", "REGRESSION", "regression ", "n" * 64, "é" * 32, "主题"]


@pytest.mark.parametrize("method", ["Encode", "Rank"])
@pytest.mark.parametrize("name", OTHERS)
def test_a_task_that_is_not_served(channel, name, method):
    error = failure(channel, method, requests(task_name=name)[method])
    assert error.code is grpc.StatusCode.FAILED_PRECONDITION
    assert f"does not serve the task {name}" in error.message
    assert f"it serves {SERVED}" in error.message
    assert "specter2" in error.message


def test_a_task_of_the_contract_that_is_not_served(command, start_server, specter2, tmp_path):
    adapter = specter2 / "adapters/classification"
    model = tmp_path / "classifier.scimult"
    command("convert", specter2, "-o", model, "--expert", f"classification={adapter}").succeed()
    with start_server(model=model, admin="off").channel() as channel:
        for task in ("search", "link-prediction", "regression"):
            for method, request in requests(task_name=task).items():
                error = failure(channel, method, request)
                assert error.code is grpc.StatusCode.FAILED_PRECONDITION
                assert error.message.endswith("it serves classification")
        error = failure(channel, "Encode", requests(task=pb.TASK_SEARCH)["Encode"])
        assert error.code is grpc.StatusCode.FAILED_PRECONDITION
        assert encode(channel, requests(task=pb.TASK_CLASSIFICATION)["Encode"]).embeddings


def test_a_stream_goes_on_behind_a_wrong_task(channel, specter2):
    rows = golden_rows(specter2)["regression", "query"]
    good = encode_request("regression", "query", rows)
    messages = [
        pb.EncodeRequest(request_id="other", documents=DOCUMENTS, task_name="topics"),
        pb.EncodeRequest(request_id="control", documents=DOCUMENTS, task_name="a\tb"),
        pb.EncodeRequest(request_id="none", documents=DOCUMENTS),
        good,
    ]
    call = channel.stream_stream(
        f"/{SERVICE}/EncodeStream",
        pb.EncodeRequest.SerializeToString,
        pb.EncodeResponse.FromString,
    )
    replies = {reply.request_id: reply for reply in call(iter(messages), timeout=60)}
    codes = {name: reply.status.code for name, reply in replies.items()}
    refused, invalid = (
        code.value[0]
        for code in (grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.INVALID_ARGUMENT)
    )
    assert codes == {"other": refused, "control": invalid, "none": invalid, "": 0}
    assert SERVED in replies["other"].status.message
    assert values(replies[""]) == pytest.approx(values(encode(channel, good)), abs=1e-5)


def test_names_with_spaces_and_letters_of_all_kinds_are_served(start_server, golden_variants):
    model = golden_variants / "bottleneck-different"
    rows = golden_rows(model)["topics of papers", "candidate"]
    with start_server("--precision", "fp32", model=model, admin="off").channel() as channel:
        request = encode_request("topics of papers", "candidate", rows)
        assert encode(channel, request).embeddings
        error = failure(channel, "Encode", requests(task_name="topics-of-papers")["Encode"])
        assert error.code is grpc.StatusCode.FAILED_PRECONDITION
        assert "topics of papers" in error.message
