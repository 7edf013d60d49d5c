"""Clients that share no code with grpcio: grpclib (Python's own HTTP/2) and grpcurl (Go)."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sysconfig
from pathlib import Path

import pytest
from grpclib.client import Channel
from grpclib.client import StreamStreamMethod as StreamStream
from grpclib.client import UnaryUnaryMethod as UnaryUnary
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from harness.calls import SERVICE
from harness.server import ServerProcess
from scimult._generated import scimult_pb2 as pb


def request(number: int, text: str = "mixture of experts") -> pb.EncodeRequest:
    return pb.EncodeRequest(
        request_id=str(number), task=pb.TASK_SEARCH, documents=[pb.Document(id="d", text=text)]
    )


class TestGrpclib:
    @staticmethod
    def run(server: ServerProcess, body):
        async def main():
            channel = Channel(server.host, server.port)
            try:
                return await body(channel)
            finally:
                channel.close()

        return asyncio.run(main())

    def test_unary(self, server):
        async def body(channel: Channel):
            method = UnaryUnary(channel, f"/{SERVICE}/Encode", pb.EncodeRequest, pb.EncodeResponse)
            return await asyncio.gather(*(method(request(number)) for number in range(50)))

        replies = self.run(server, body)
        assert [reply.request_id for reply in replies] == [str(number) for number in range(50)]

    def test_error(self, server):
        async def body(channel: Channel):
            method = UnaryUnary(channel, f"/{SERVICE}/Encode", pb.EncodeRequest, pb.EncodeResponse)
            with pytest.raises(GRPCError) as caught:
                await method(pb.EncodeRequest())
            return caught.value

        error = self.run(server, body)
        assert error.status is Status.INVALID_ARGUMENT
        assert "task" in error.message

    def test_stream(self, server):
        async def body(channel: Channel):
            method = StreamStream(
                channel, f"/{SERVICE}/EncodeStream", pb.EncodeRequest, pb.EncodeResponse
            )
            return await method([request(number, "long " * 300) for number in range(200)])

        replies = self.run(server, body)
        assert sorted(int(reply.request_id) for reply in replies) == list(range(200))


class TestGrpcurl:
    @staticmethod
    def run(server: ServerProcess, *words: str, given: str = "") -> subprocess.CompletedProcess:
        program = Path(sysconfig.get_path("scripts")) / "grpcurl"
        return subprocess.run(
            [program, "-plaintext", *words],
            input=given,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def test_lists_and_describes(self, server):
        listed = self.run(server, server.grpc, "list")
        assert listed.returncode == 0, listed.stderr
        assert SERVICE in listed.stdout.split()
        described = self.run(server, server.grpc, "describe", "scimult.v1.EncodeRequest")
        assert "repeated .scimult.v1.Document documents = 4;" in described.stdout

    def test_calls_without_the_contract(self, server):
        given = json.dumps({"task": "TASK_SEARCH", "documents": [{"id": "d", "text": "cells"}]})
        called = self.run(server, "-d", given, server.grpc, f"{SERVICE}/Encode")
        assert called.returncode == 0, called.stderr
        assert json.loads(called.stdout)["embeddings"][0]["id"] == "d"

    def test_streams(self, server):
        given = "\n".join(
            json.dumps({"requestId": str(n), "task": "TASK_SEARCH", "documents": [{"text": "t"}]})
            for n in range(20)
        )
        called = self.run(server, "-d", "@", server.grpc, f"{SERVICE}/EncodeStream", given=given)
        assert called.returncode == 0, called.stderr
        assert called.stdout.count('"requestId"') == 20

    def test_shows_what_is_wrong(self, server):
        called = self.run(server, "-d", "{}", server.grpc, f"{SERVICE}/Encode")
        assert called.returncode != 0
        assert "InvalidArgument" in called.stderr
        assert "google.rpc.BadRequest" in called.stderr

    def test_asks_for_health(self, server):
        called = self.run(server, server.grpc, "grpc.health.v1.Health/Check")
        assert json.loads(called.stdout) == {"status": "SERVING"}
