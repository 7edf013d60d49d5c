"""The service scimult in a Debian that has booted, as its clients see it."""

from __future__ import annotations

import re

import grpc

from booted_debian import BootedDebian
from harness.calls import encode
from scimult._generated import scimult_pb2 as pb


def answer(debian: BootedDebian) -> None:
    """Asserts that the server answers Encode where its status says that it listens."""
    status = debian.properties("scimult", "StatusText")["StatusText"]
    address = re.search(r"127\.0\.0\.1:\d+", status)
    assert address, status
    request = pb.EncodeRequest(documents=[pb.Document(text="cells")], task=pb.TASK_SEARCH)
    with grpc.insecure_channel(address[0]) as channel:
        assert len(encode(channel, request).embeddings) == 1
