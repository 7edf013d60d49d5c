"""Idle or old connections are closed without losing a call."""

from __future__ import annotations

import time

from harness.calls import encode
from harness.http2 import Http2Connection
from scimult._generated import scimult_pb2 as pb

REQUEST = pb.EncodeRequest(task=pb.TASK_SEARCH, documents=[pb.Document(text="cells")])


def test_idle_connection_is_told_to_go(start_server):
    server = start_server("--idle-seconds", "1")
    with Http2Connection(server) as idle:
        started = time.monotonic()
        idle.read_until_closed()
        assert idle.goaway == 0
        assert time.monotonic() - started > 0.9


def test_calls_go_on_while_connections_grow_old(start_server):
    server = start_server("--max-connection-age-seconds", "1")
    with server.channel(retries=True) as channel:
        end = time.monotonic() + 4
        while time.monotonic() < end:
            assert len(encode(channel, REQUEST).embeddings) == 1


def test_quiet_client_that_answers_pings_stays(start_server):
    server = start_server("--keepalive-seconds", "1", "--idle-seconds", "0")
    with server.channel() as channel:
        encode(channel, REQUEST)
        time.sleep(2.5)
        assert len(encode(channel, REQUEST).embeddings) == 1
