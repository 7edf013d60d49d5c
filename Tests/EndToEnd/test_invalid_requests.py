"""Invalid input gets a status and a message with field, limit and value; the next call works."""

from __future__ import annotations

from dataclasses import dataclass

import grpc
import pytest

from harness.calls import call, encode, failure, get_model
from harness.wire import bytes_field, number_field
from scimult._generated import scimult_pb2 as pb

TASK = number_field(2, pb.TASK_SEARCH)
GOOD_DOCUMENT = bytes_field(2, b"text")
QUERY = bytes_field(3, GOOD_DOCUMENT)


def encode_request(*documents: bytes, before: bytes = TASK) -> bytes:
    return before + b"".join(bytes_field(4, document) for document in documents)


def paper(title: bytes = b"t", abstract: bytes = b"a") -> bytes:
    return bytes_field(3, bytes_field(1, title) + bytes_field(2, abstract))


@dataclass(frozen=True)
class Case:
    name: str
    request: bytes
    #: The field in the violation.
    field: str
    #: Other words in the message.
    words: tuple[str, ...] = ()
    method: str = "Encode"


def enum_cases() -> list[Case]:
    good = encode_request(GOOD_DOCUMENT)
    return [
        Case("no task", encode_request(GOOD_DOCUMENT, before=b""), "task"),
        Case("task 0", encode_request(GOOD_DOCUMENT, before=number_field(2, 0)), "task"),
        Case("task 9", good + number_field(2, 9), "task", ("9",)),
        Case("task -1", good + number_field(2, -1), "task", ("-1",)),
        Case("role 3", good + number_field(3, 3), "role", ("3",)),
        Case("format 77", good + number_field(5, 77), "format", ("77",)),
        Case(
            "rank: no task", QUERY + encode_request(GOOD_DOCUMENT, before=b""), "task", (), "Rank"
        ),
        Case("rank: task 4", QUERY + TASK + number_field(2, 4), "task", ("4",), "Rank"),
    ]


def count_cases() -> list[Case]:
    return [
        Case("no documents", TASK, "documents"),
        Case(
            "too many documents",
            encode_request(*[GOOD_DOCUMENT] * 1025),
            "documents",
            ("1024",),
        ),
        Case("rank: no candidates", TASK + QUERY, "candidates", (), "Rank"),
        Case(
            "rank: too many candidates",
            QUERY + encode_request(*[GOOD_DOCUMENT] * 1025),
            "candidates",
            ("1024",),
            "Rank",
        ),
    ]


def content_cases() -> list[Case]:
    unset = bytes_field(1, b"an id alone")
    return [
        Case("unset content", encode_request(GOOD_DOCUMENT, unset), "documents[1].content"),
        Case("empty document", encode_request(b""), "documents[0].content"),
        Case("rank: no query", encode_request(GOOD_DOCUMENT), "query", (), "Rank"),
        Case(
            "rank: unset query",
            bytes_field(3, unset) + encode_request(GOOD_DOCUMENT),
            "query.content",
            (),
            "Rank",
        ),
        Case(
            "rank: unset candidate",
            QUERY + encode_request(GOOD_DOCUMENT, GOOD_DOCUMENT, unset),
            "candidates[2].content",
            (),
            "Rank",
        ),
    ]


def string_cases() -> list[Case]:
    wrong = {
        "NUL": (b"a\0b", "NUL"),
        "a lone continuation byte": (b"ab\x80", "UTF-8"),
        "a cut sequence": (b"ab\xe2\x82", "UTF-8"),
        "an overlong form": (b"\xc0\xaf", "UTF-8"),
        "a surrogate": (b"\xed\xa0\x80", "UTF-8"),
        "beyond U+10FFFF": (b"\xf4\x90\x80\x80", "UTF-8"),
    }
    cases = []
    for name, (value, word) in wrong.items():
        as_text, as_id = bytes_field(2, value), bytes_field(1, value) + GOOD_DOCUMENT
        good = encode_request(GOOD_DOCUMENT)
        cases += [
            Case(f"{name} in text", encode_request(as_text), "documents[0].text", (word,)),
            Case(f"{name} in id", encode_request(as_id), "documents[0].id", (word,)),
            Case(
                f"{name} in title",
                encode_request(GOOD_DOCUMENT, paper(title=value)),
                "documents[1].paper.title",
                (word,),
            ),
            Case(
                f"{name} in abstract",
                encode_request(paper(abstract=value)),
                "documents[0].paper.abstract",
                (word,),
            ),
            Case(f"{name} in request_id", bytes_field(1, value) + good, "request_id", (word,)),
            Case(f"{name} in task_name", bytes_field(9, value) + good, "task_name", (word,)),
            Case(
                f"rank: {name} in query",
                bytes_field(3, as_text) + good,
                "query.text",
                (word,),
                "Rank",
            ),
            Case(
                f"rank: {name} in a candidate",
                QUERY + encode_request(GOOD_DOCUMENT, as_text),
                "candidates[1].text",
                (word,),
                "Rank",
            ),
            Case(
                f"rank: {name} in task_name",
                QUERY + bytes_field(12, value) + good,
                "task_name",
                (word,),
                "Rank",
            ),
        ]
    return cases


def length_cases() -> list[Case]:
    good, name = encode_request(GOOD_DOCUMENT), b"n" * 65
    return [
        Case("a long task_name", bytes_field(9, name) + good, "task_name", ("65", "64")),
        Case(
            "rank: a long task_name",
            QUERY + bytes_field(12, name) + good,
            "task_name",
            ("65", "64"),
            "Rank",
        ),
    ]


CASES = enum_cases() + count_cases() + content_cases() + string_cases() + length_cases()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_refusal_names_what_is_wrong(channel, case):
    error = failure(channel, case.method, case.request)
    assert error.code is grpc.StatusCode.INVALID_ARGUMENT
    for word in (case.field, *case.words):
        assert word in error.message
    assert [violation.field for violation in error.violations] == [case.field]
    assert error.violations[0].description
    assert get_model(channel).name == "tiny-expert"


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        encode_request(GOOD_DOCUMENT)[:-2],
        TASK + b"\x22\xff\xff\xff\xff\x0f",
        TASK + b"\x23",
        b"\x00\x00",
    ],
    ids=["endless varint", "cut message", "length beyond the end", "group", "field 0"],
)
def test_bytes_that_are_no_message_are_refused(channel, request_bytes):
    error = failure(channel, "Encode", request_bytes)
    assert error.code in (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.INTERNAL)
    assert error.message
    assert get_model(channel).name == "tiny-expert"


def test_limit_of_documents_is_the_last_number_that_works(channel):
    response = pb.EncodeResponse.FromString(
        call(channel, "Encode", encode_request(*[GOOD_DOCUMENT] * 1024))
    )
    assert len(response.embeddings) == 1024


def test_a_few_unknown_fields_are_ignored(channel):
    unknown = number_field(500, 7) + bytes_field(501, b"later")
    document = GOOD_DOCUMENT + bytes_field(99, b"later")
    response = call(channel, "Encode", encode_request(document) + unknown)
    assert len(pb.EncodeResponse.FromString(response).embeddings) == 1


def test_last_of_a_repeated_scalar_wins(channel):
    request = number_field(2, pb.TASK_SEARCH) + number_field(2, pb.TASK_CLASSIFICATION)
    response = call(channel, "Encode", encode_request(GOOD_DOCUMENT, before=request))
    last = encode(
        channel,
        pb.EncodeRequest(task=pb.TASK_CLASSIFICATION, documents=[pb.Document(text="text")]),
    )
    got = pb.EncodeResponse.FromString(response).embeddings[0].values
    assert list(got) == pytest.approx(list(last.embeddings[0].values), abs=1e-5)
