"""The service scimult in a booted Debian, as its clients see it."""

from __future__ import annotations

import re
from http.client import HTTPConnection

import grpc

from booted_debian import BootedDebian
from harness.calls import encode
from harness.metrics import Metrics
from scimult._generated import scimult_pb2 as pb

REQUEST = pb.EncodeRequest(documents=[pb.Document(text="cells")], task=pb.TASK_SEARCH)

_READY = re.compile(r"^ready grpc=(\S+) admin=(\S+)$", re.MULTILINE)


def addresses(debian: BootedDebian) -> tuple[str, str]:
    """Returns the addresses in the journal on which the service listens, for calls and admin."""
    invocation = debian.properties("scimult", "InvocationID")["InvocationID"]
    journal = debian.run("journalctl", "--output=cat", f"_SYSTEMD_INVOCATION_ID={invocation}")
    found = _READY.search(journal)
    assert found, journal
    return found[1], found[2]


def answer(debian: BootedDebian) -> None:
    """Asserts that the service answers Encode without TLS."""
    with grpc.insecure_channel(addresses(debian)[0]) as channel:
        assert len(encode(channel, REQUEST).embeddings) == 1


def metrics(debian: BootedDebian) -> Metrics:
    """Returns the service's metrics from /metrics."""
    connection = HTTPConnection(addresses(debian)[1], timeout=30)
    connection.request("GET", "/metrics")
    return Metrics(connection.getresponse().read().decode())
