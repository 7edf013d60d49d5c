"""A text that is longer than the model reads is truncated and marked, or refused on request."""

from __future__ import annotations

import grpc
import pytest

from harness.calls import encode, failure
from harness.texts import long_text
from scimult._generated import scimult_pb2 as pb


def request(tokens: int, *, reject: bool) -> pb.EncodeRequest:
    documents = [pb.Document(text="short"), pb.Document(text=long_text(tokens))]
    return pb.EncodeRequest(task=pb.TASK_SEARCH, documents=documents, reject_truncation=reject)


@pytest.mark.parametrize(
    ("tokens", "encoded", "truncated"), [(511, 511, False), (512, 512, False), (513, 512, True)]
)
def test_long_text_is_cut_and_marked(channel, tokens, encoded, truncated):
    short, long = encode(channel, request(tokens, reject=False)).embeddings
    assert (short.tokens, short.truncated) == (3, False)
    assert (long.tokens, long.truncated) == (encoded, truncated)


def test_cut_is_on_the_right_and_keeps_the_final_separator(channel):
    cut, whole = (
        encode(channel, request(tokens, reject=False)).embeddings[1] for tokens in (600, 512)
    )
    assert list(cut.values) == pytest.approx(list(whole.values), abs=1e-5)


def test_reject_truncation_takes_what_just_fits(channel):
    assert encode(channel, request(512, reject=True)).embeddings[1].tokens == 512


def test_reject_truncation_names_text_length_and_limit(channel):
    error = failure(channel, "Encode", request(600, reject=True))
    assert error.code is grpc.StatusCode.INVALID_ARGUMENT
    assert "documents[1]" in error.message
    assert "600" in error.message
    assert "512" in error.message
    (violation,) = error.violations
    assert violation.field.startswith("documents[1]")
