"""Clients that fill the memory that a server may use for clients."""

from __future__ import annotations

import grpc

from scimult._generated import scimult_pb2 as pb

from .http2 import Http2Connection, grpc_headers
from .server import ServerProcess
from .wire import bytes_field, frame

RESOURCE_EXHAUSTED = grpc.StatusCode.RESOURCE_EXHAUSTED.value[0]

#: The worst case for a buffer that doubles: slightly more than a power of two.
UNFINISHED_BYTES = 70_000

#: Streams of each connection with unfinished messages. With more, the pings would count as an
#: attack.
STREAMS = 80

#: Calls of each connection with replies: as many as the server answers before 1 MiB waits.
CALLS = 13

#: Its reply takes about 80 KB.
REQUEST = pb.EncodeRequest(
    task=pb.TASK_SEARCH, documents=[pb.Document(text=f"text {number}") for number in range(300)]
)


def fill(server: ServerProcess) -> list[Http2Connection]:
    """Fills the limits of replies and of unfinished messages; returns the connections."""
    return _replies(server) + _unfinished_messages(server)


def _replies(server: ServerProcess) -> list[Http2Connection]:
    """Leaves replies unread until the server produces no more."""
    connections = []
    for _ in range(80):
        connection = Http2Connection(server, initial_window=0)
        connections.append(connection)
        for _ in range(CALLS):
            stream = connection.call("Encode", REQUEST.SerializeToString())
            response = connection.answer_begins(stream)
            if response.is_trailers_only:
                assert response.status()[0] == RESOURCE_EXHAUSTED
                return connections
    raise AssertionError("the bound of replies was not reached")


def _unfinished_messages(server: ServerProcess) -> list[Http2Connection]:
    """Sends incomplete messages until the server reads no more of any."""
    text = bytes_field(4, bytes_field(2, b"x" * UNFINISHED_BYTES))
    unfinished = frame(text)[:-1]
    connections = []
    for _ in range(20):
        connection = Http2Connection(server)
        connections.append(connection)
        for _ in range(STREAMS):
            stream = connection.open(grpc_headers("Encode"), end=False)
            if connection.send_what_fits(stream, unfinished) < len(unfinished):
                return connections
    raise AssertionError("the bound of unfinished messages was not reached")
