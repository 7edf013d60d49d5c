"""Pages in a browser call with gRPC-Web, over HTTP/1.1."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from envoy import Envoy
from harness.calls import encode
from scimult._generated import scimult_pb2 as pb
from steady import request
from trust import Trust
from web import BINARY, TEXT, Web

#: The page that deploy/envoy/envoy.yaml allows.
ORIGIN = "https://papers.example"

OK = "0"
INVALID_ARGUMENT = "3"
UNAUTHENTICATED = "16"


@pytest.fixture
def web(envoy: Envoy, trust: Trust) -> Iterator[Web]:
    with closing(Web(envoy.web_port, trust.proxies)) as web:
        yield web


@pytest.mark.parametrize("kind", [BINARY, TEXT])
def test_the_answer_is_that_of_grpc(envoy, web, trust, kind):
    answer = web.call("Encode", request(1).SerializeToString(), kind=kind)
    assert answer.status == 200
    assert answer.headers["content-type"] == kind
    assert answer.trailers["grpc-status"] == OK
    (message,) = answer.messages
    with trust.channel(envoy.address, trust.client) as channel:
        assert pb.EncodeResponse.FromString(message) == encode(channel, request(1))


def test_a_refusal_names_the_field(web):
    answer = web.call("Encode", pb.EncodeRequest().SerializeToString())
    assert answer.status == 200
    assert answer.messages == []
    assert answer.trailers["grpc-status"] == INVALID_ARGUMENT
    assert "task" in answer.trailers["grpc-message"]


def test_a_stream_answers_each_request(web):
    requests = [request(number) for number in range(20)]
    answer = web.call("EncodeStream", *(each.SerializeToString() for each in requests))
    replies = [pb.EncodeResponse.FromString(message) for message in answer.messages]
    assert {reply.request_id for reply in replies} == {each.request_id for each in requests}
    assert answer.trailers["grpc-status"] == OK


def test_only_pages_of_the_site_may_call(web):
    def allowed(origin: str) -> str | None:
        headers = {
            "origin": origin,
            "access-control-request-method": "POST",
            "access-control-request-headers": "content-type,x-grpc-web",
        }
        _, fields, _ = web.ask("OPTIONS", "/scimult.v1.SciMult/Encode", b"", headers)
        return fields.get("access-control-allow-origin")

    assert allowed(ORIGIN) == ORIGIN
    assert allowed("https://other.example") is None
    answer = web.call("Encode", request(1).SerializeToString(), origin=ORIGIN)
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "grpc-status" in answer.headers["access-control-expose-headers"]


def test_tokens_reach_the_replicas_and_health_checks_need_none(
    start_replica, start_envoy, trust, tmp_path
):
    tokens = tmp_path / "tokens"
    tokens.write_text("a-token\n")
    envoy = start_envoy(*(start_replica("--auth-token-file", tokens) for _ in range(2)))
    message = request(1).SerializeToString()
    with closing(Web(envoy.web_port, trust.proxies)) as web:
        assert web.call("Encode", message).trailers["grpc-status"] == UNAUTHENTICATED
        with_token = web.call("Encode", message, authorization="Bearer a-token")
        assert with_token.trailers["grpc-status"] == OK
