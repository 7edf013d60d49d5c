"""Errors keep the server's status and message, and the fields that it refused."""

from __future__ import annotations

import threading
import time

import grpc
import pytest
from bad_requests import bad_request_details
from fake_server import FakeServer, running

import scimult
from scimult import Client, FieldViolation, ScimultError


def fails_with(code: grpc.StatusCode, message: str, *trailers: tuple[str, str | bytes]):
    def intercept(request, context):
        context.set_trailing_metadata(trailers)
        context.abort(code, message)

    return intercept


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (grpc.StatusCode.INVALID_ARGUMENT, scimult.InvalidArgumentError),
        (grpc.StatusCode.NOT_FOUND, scimult.NotFoundError),
        (grpc.StatusCode.FAILED_PRECONDITION, scimult.FailedPreconditionError),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, scimult.ResourceExhaustedError),
        (grpc.StatusCode.UNAVAILABLE, scimult.UnavailableError),
        (grpc.StatusCode.DEADLINE_EXCEEDED, scimult.DeadlineExceededError),
        (grpc.StatusCode.UNAUTHENTICATED, scimult.UnauthenticatedError),
        (grpc.StatusCode.UNIMPLEMENTED, scimult.UnimplementedError),
        (grpc.StatusCode.INTERNAL, scimult.InternalError),
        (grpc.StatusCode.DATA_LOSS, ScimultError),
    ],
)
def test_status_and_message_are_kept(server, code, error):
    server.intercept = fails_with(code, "documents[0].text: für nichts")
    with Client(server.address, retries=0) as client, pytest.raises(ScimultError) as caught:
        client.encode("a", task="search")
    assert type(caught.value) is error
    assert caught.value.code is code
    assert caught.value.message == "documents[0].text: für nichts"
    assert str(caught.value) == f"{code.name}: documents[0].text: für nichts"
    assert isinstance(caught.value.__cause__, grpc.RpcError)


def test_field_violations_are_read(client, server):
    details = bad_request_details(b"documents[3].paper.title", b"contains NUL at byte 2")
    server.intercept = fails_with(
        grpc.StatusCode.INVALID_ARGUMENT, "message", ("grpc-status-details-bin", details)
    )
    with pytest.raises(scimult.InvalidArgumentError) as caught:
        client.rank("q", ["a"], task="search")
    assert caught.value.violations == (
        FieldViolation("documents[3].paper.title", "contains NUL at byte 2"),
    )


@pytest.mark.parametrize("details", [b"", b"\xff\xff", b"\x1a\x7fshort"])
def test_details_that_cannot_be_read_are_left_out(client, server, details):
    server.intercept = fails_with(
        grpc.StatusCode.INVALID_ARGUMENT, "message", ("grpc-status-details-bin", details)
    )
    with pytest.raises(scimult.InvalidArgumentError) as caught:
        client.encode("a", task="search")
    assert (caught.value.message, caught.value.violations) == ("message", ())


def test_error_says_which_part_of_a_split_call_failed(client, server):
    def refuse_poison(request, context):
        if any(document.text == "poison" for document in request.documents):
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "documents[1].text: poison")

    server.intercept = refuse_poison
    texts = ["fine"] * (server.max_documents + 1) + ["poison"]
    with pytest.raises(scimult.InvalidArgumentError) as caught:
        client.encode(texts, task="search")
    assert caught.value.first_document == server.max_documents
    assert caught.value.message == "documents[9].text: poison"


def test_an_error_without_a_place_says_which_request_it_was(client, server):
    def refuse_poison(request, context):
        if any(document.text == "poison" for document in request.documents):
            context.abort(grpc.StatusCode.INTERNAL, "a fault")

    server.intercept = refuse_poison
    with pytest.raises(scimult.InternalError, match="from document 8 on"):
        client.encode(["fine"] * (server.max_documents + 1) + ["poison"], task="search")


def test_full_server_is_asked_again_after_the_time_that_it_names(client, server):
    refusals = iter([True, True])

    def refuse_twice(request, context):
        if next(refusals, False):
            context.set_trailing_metadata([("grpc-retry-pushback-ms", "20")])
            context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "queue full")

    server.intercept = refuse_twice
    assert client.encode("a", task="search").shape == (1, server.dimensions)
    assert server.requests == [1, 1, 1]


def test_the_time_that_a_server_names_replaces_the_client_s_own(client, server):
    """The client's own waits would end before this server has space."""
    first_arrival = []

    def refuse_for_two_seconds(request, context):
        first_arrival.append(time.monotonic())
        if time.monotonic() - first_arrival[0] < 2:
            context.set_trailing_metadata([("grpc-retry-pushback-ms", "800")])
            context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "queue full")

    server.intercept = refuse_for_two_seconds
    assert len(client.encode("a", task="search")) == 1
    assert server.requests == [1] * 4


def test_a_server_that_wants_no_more_attempts_gets_none(client, server):
    server.intercept = fails_with(
        grpc.StatusCode.RESOURCE_EXHAUSTED, "queue full", ("grpc-retry-pushback-ms", "-1")
    )
    with pytest.raises(scimult.ResourceExhaustedError) as caught:
        client.encode("a", task="search")
    assert caught.value.retry_after is None
    assert server.requests == [1]


def test_a_stopping_server_that_wants_no_more_attempts_gets_none(client, server):
    server.intercept = fails_with(
        grpc.StatusCode.UNAVAILABLE, "stopping", ("grpc-retry-pushback-ms", "-1")
    )
    with pytest.raises(scimult.UnavailableError):
        client.encode("a", task="search")
    assert server.requests == [1]


def test_server_that_stays_full_fails_with_the_time_that_it_names(server):
    server.intercept = fails_with(
        grpc.StatusCode.RESOURCE_EXHAUSTED, "queue full", ("grpc-retry-pushback-ms", "1500")
    )
    with (
        Client(server.address, retries=0) as client,
        pytest.raises(scimult.ResourceExhaustedError) as caught,
    ):
        client.encode("a", task="search")
    assert caught.value.retry_after == 1.5
    assert server.requests == [1]


def test_wrong_input_is_not_sent_again(client, server):
    server.intercept = fails_with(grpc.StatusCode.INVALID_ARGUMENT, "wrong")
    with pytest.raises(scimult.InvalidArgumentError):
        client.encode("a", task="search")
    assert server.requests == [1]


def test_late_answer_is_a_deadline_exceeded(server):
    answer = threading.Event()
    server.intercept = lambda request, context: answer.wait()
    with (
        Client(server.address, timeout=0.2) as client,
        pytest.raises(scimult.DeadlineExceededError),
    ):
        client.encode("a", task="search")
    answer.set()


def test_no_server_is_unavailable():
    with running(FakeServer()) as stopped:
        pass
    with Client(stopped.address, retries=0) as client, pytest.raises(scimult.UnavailableError):
        client.model()
