"""Any number of documents: results in order, bounded memory, separate failures."""

from __future__ import annotations

import itertools
import sys
import threading

import grpc
import numpy as np
import pytest
from bad_requests import bad_request_details
from both_clients import KINDS

from scimult import (
    Client,
    InternalError,
    InvalidArgumentError,
    ScimultError,
    UnavailableError,
)


@pytest.fixture(params=KINDS, ids=["threads", "asyncio"])
def calls(request, server):
    return request.param(server, timeout=20)


def rows_of(calls, documents, **options):
    rows = []

    def keep(row):
        rows.append(row)
        return True

    calls.encode_iter(documents, task="search", on_row=keep, **options)
    return rows


def texts(count):
    return [f"text {number}" for number in range(count)]


def refuses(*poison, code=grpc.StatusCode.INVALID_ARGUMENT):
    """Refuses requests that contain these texts, as the server does."""

    def intercept(request, context):
        for place, document in enumerate(request.documents):
            if document.text in poison:
                if code is grpc.StatusCode.INVALID_ARGUMENT:
                    details = bad_request_details(b"documents[%d].text" % place, b"poison")
                    context.set_trailing_metadata([("grpc-status-details-bin", details)])
                context.abort(code, f"documents[{place}].text: poison")

    return intercept


@pytest.mark.parametrize("concurrency", [1, 3, 50])
def test_all_come_back_in_order(calls, client, concurrency):
    documents = texts(203)
    expected = client.encode(documents, task="search")
    rows = rows_of(calls, iter(documents), concurrency=concurrency)
    assert [row.index for row in rows] == list(range(203))
    assert [row.document for row in rows] == documents
    assert all(row.error is None and row.tokens == 7 for row in rows)
    np.testing.assert_array_equal([row.embedding for row in rows], expected)


def test_requests_are_made_at_the_same_time(calls, server):
    together = threading.Barrier(3)
    server.intercept = lambda request, context: together.wait(20)
    assert len(rows_of(calls, texts(24), concurrency=3)) == 24


def test_no_more_requests_are_under_way_than_asked_for(calls, server):
    lock, under_way, most = threading.Lock(), [0], [0]
    busy = threading.Event()

    def intercept(request, context):
        with lock:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
        busy.wait(0.02)
        with lock:
            under_way[0] -= 1

    server.intercept = intercept
    rows_of(calls, texts(200), concurrency=2)
    assert most[0] == 2


def test_who_does_not_take_rows_is_not_read_from(calls):
    read = itertools.count()
    taken = []

    def endless():
        for number in read:
            yield f"text {number}"

    def take(row):
        taken.append(row)
        # Two requests, and the documents that they were made of: 8 each.
        assert next(read) <= len(taken) + 3 * 8 + len(taken)
        return len(taken) < 100

    calls.encode_iter(endless(), task="search", concurrency=2, on_row=take)
    assert len(taken) == 100


def test_requests_have_as_many_documents_as_asked_for(calls, server):
    rows_of(calls, texts(20), documents_per_request=3)
    assert sorted(server.requests) == [2, 3, 3, 3, 3, 3, 3]


def test_documents_fail_alone(calls, server):
    server.intercept = refuses("text 17", "text 18", "text 49")
    documents = texts(50)
    documents[5:5] = [3]  # not a document
    documents[30:30] = ["a" * 5000]  # larger than a message
    rows = rows_of(calls, documents, on_error="yield", concurrency=3)
    assert [row.index for row in rows] == list(range(52))
    failed = {row.index: type(row.error) for row in rows if row.error}
    assert failed == {
        5: TypeError,
        18: InvalidArgumentError,
        19: InvalidArgumentError,
        30: ValueError,
        51: InvalidArgumentError,
    }
    assert all(row.embedding is not None for row in rows if row.index not in failed)
    assert all(rows[index].embedding is None for index in failed)
    assert [rows[18].error.first_document, rows[18].document] == [18, "text 17"]
    assert [violation.field for violation in rows[18].error.violations] == ["documents[18].text"]
    assert rows[18].error.message == "documents[18].text: poison"


def test_a_document_that_the_server_cannot_encode_fails_alone(calls, server):
    server.intercept = refuses("text 4", code=grpc.StatusCode.INTERNAL)
    rows = rows_of(calls, texts(9), on_error="yield")
    assert [row.index for row in rows if row.error] == [4]
    assert isinstance(rows[4].error, InternalError)


def test_an_error_is_raised_where_its_row_would_be(calls, server):
    server.intercept = refuses("text 13", "text 20")
    rows = []

    def keep(row):
        rows.append(row.index)
        return True

    with pytest.raises(InvalidArgumentError, match=r"documents\[13\]\.text: poison$"):
        calls.encode_iter(texts(50), task="search", on_row=keep)
    assert rows == list(range(13))


def test_a_request_that_is_wrong_fails_each_document_once(calls, server):
    def refuse(request, context):
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, "task: not here")

    server.intercept = refuse
    rows = rows_of(calls, texts(20), on_error="yield")
    assert [row.index for row in rows if row.error] == list(range(20))
    assert sorted(server.requests) == [4, 8, 8]


def test_what_the_source_raises_comes_after_what_it_gave(calls):
    def source():
        yield from texts(11)
        raise OSError("the file ends here")

    rows = []

    def keep(row):
        rows.append(row.index)
        return True

    with pytest.raises(OSError, match="ends here"):
        calls.encode_iter(source(), task="search", on_row=keep, on_error="yield")
    assert rows == list(range(11))


@pytest.mark.parametrize("document", ["some text", {"title": "a paper"}])
def test_one_document_is_one_row(calls, document):
    assert [row.document for row in rows_of(calls, document)] == [document]


def test_nothing_gives_nothing(calls, server):
    assert rows_of(calls, []) == []
    assert server.requests == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"concurrency": 0}, "concurrency is 0"),
        ({"documents_per_request": 0}, "documents_per_request is 0"),
        ({"on_error": "ignore"}, "'ignore': expected 'raise', 'yield'"),
        ({"task": ""}, "unknown task"),
    ],
)
def test_settings_are_checked_before_the_first_row_is_asked_for(client, options, words):
    with pytest.raises(ValueError, match=words):
        client.encode_iter([], **{"task": "search", **options})


def test_a_server_that_is_not_there_is_an_error(server):
    with (
        Client("127.0.0.1:1", retries=0) as client,
        pytest.raises(UnavailableError),
    ):
        list(client.encode_iter(["a"], task="search"))


def test_leaving_early_cancels_what_is_under_way(client, server):
    arrived, cancelled = threading.Event(), threading.Event()

    def intercept(request, context):
        if request.documents[0].text != "text 0":
            context.add_callback(cancelled.set)
            arrived.set()
            cancelled.wait(20)

    server.intercept = intercept
    rows = client.encode_iter(texts(16), task="search", concurrency=2)
    next(rows)
    assert arrived.wait(20)
    rows.close()
    assert cancelled.wait(20)


def test_a_client_that_is_closed_ends_its_iterations(client, server):
    answer = threading.Event()

    def close_instead(request, context):
        client.close()
        answer.wait(20)

    server.intercept = close_instead
    with pytest.raises(ScimultError, match="CANCELLED"):
        list(client.encode_iter(texts(8), task="search"))
    answer.set()


def test_progress_is_shown_on_request(calls, capfd):
    rows_of(calls, texts(20), progress=True)
    assert "20/20" in capfd.readouterr().err
    rows_of(calls, "one text", progress=True)
    assert "1/1" in capfd.readouterr().err
    rows_of(calls, texts(20))
    assert capfd.readouterr().err == ""


def test_progress_without_tqdm_says_what_to_install(client, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with pytest.raises(ImportError, match=r"pip install 'scimult\[progress\]'"):
        client.encode_iter(["a"], task="search", progress=True)


@pytest.mark.parametrize("format", ["float16", "int8", "binary"])
def test_formats_are_those_of_encode(calls, client, format):
    rows = rows_of(calls, texts(10), format=format)
    expected = client.encode(texts(10), task="search", format=format)
    np.testing.assert_array_equal([row.embedding for row in rows], expected)
