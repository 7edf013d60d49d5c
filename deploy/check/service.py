"""The service scimult in a Debian that has booted, as its clients see it."""

from __future__ import annotations

import re

import grpc

from booted_debian import BootedDebian
from harness.calls import encode
from scimult._generated import scimult_pb2 as pb

REQUEST = pb.EncodeRequest(documents=[pb.Document(text="cells")], task=pb.TASK_SEARCH)


def address(debian: BootedDebian) -> str:
    """Where the service's status says that it listens."""
    status = debian.properties("scimult", "StatusText")["StatusText"]
    found = re.search(r"127\.0\.0\.1:\d+", status)
    assert found, status
    return found[0]


def answer(debian: BootedDebian) -> None:
    """Asserts that the service answers Encode in clear text."""
    with grpc.insecure_channel(address(debian)) as channel:
        assert len(encode(channel, REQUEST).embeddings) == 1
