"""Clients that are copied, pickled, or used in another process."""

from __future__ import annotations

import asyncio
import copy
import pickle
import subprocess
import sys

import grpc
import numpy as np
import pytest

from scimult import TLS, AsyncClient, Client, SentenceEncoder

COPIES = {
    "pickle": lambda value: pickle.loads(pickle.dumps(value)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}

#: A server in a separate process: one in this process would be forked, too.
SERVER = """
import sys
from fake_server import FakeServer, running
with running(FakeServer()) as server:
    print(server.address, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def copied(request):
    return COPIES[request.param]


@pytest.mark.parametrize("copied", COPIES, indirect=True)
def test_a_copy_makes_the_same_calls(copied, server):
    seen = []
    server.intercept = lambda request, context: seen.append(dict(context.invocation_metadata()))
    client = Client(server.address, token="s3cret", priority="batch", timeout=20)
    expected = client.encode(["a"], task="search")
    with copied(client) as other:
        client.close()
        np.testing.assert_array_equal(other.encode(["a"], task="search"), expected)
    assert [call["authorization"] for call in seen] == ["Bearer s3cret"] * 2
    assert [call["x-scimult-priority"] for call in seen] == ["batch"] * 2


@pytest.mark.parametrize("copied", COPIES, indirect=True)
def test_a_copy_of_a_closed_client_is_open(copied, server):
    client = Client(server.address)
    client.close()
    with copied(client) as other:
        assert other.model().name == "fake"
    with pytest.raises(ValueError, match="closed"):
        other.model()


def test_a_copy_that_was_never_used_closes(server):
    with Client(server.address) as client:
        other = pickle.loads(pickle.dumps(client))
    other.close()
    with pytest.raises(ValueError, match="closed"):
        other.model()


@pytest.mark.parametrize("copied", COPIES, indirect=True)
def test_a_copy_connects_when_it_is_used(copied, tmp_path):
    """Things that a connection needs, such as TLS files, may not exist yet."""
    (tmp_path / "ca.pem").write_text("PEM")
    with Client("localhost:1", tls=TLS(ca=tmp_path / "ca.pem")) as client:
        (tmp_path / "ca.pem").unlink()
        other = copied(client)
    with pytest.raises(OSError, match=r"ca\.pem"):
        other.model()


def test_credentials_of_grpc_cannot_travel():
    with (
        Client("localhost:1", credentials=grpc.ssl_channel_credentials()) as client,
        pytest.raises(TypeError, match=r"give tls=TLS\(…\)"),
    ):
        pickle.dumps(client)


@pytest.mark.parametrize("copied", COPIES, indirect=True)
def test_a_sentence_encoder(copied, server):
    encoder = SentenceEncoder(server.address, task="search", role="candidate")
    expected = encoder.encode(["a", "b"])
    np.testing.assert_array_equal(copied(encoder).encode(["a", "b"]), expected)


def test_an_asynchronous_client(server):
    async def made():
        async with AsyncClient(server.address, token="t") as client:
            return pickle.dumps(client)

    async def used(pickled):
        async with pickle.loads(pickled) as client:
            return (await client.encode(["a"], task="search")).shape

    assert asyncio.run(used(asyncio.run(made()))) == (1, server.dimensions)


@pytest.mark.parametrize("fork_support", [{}, {"GRPC_ENABLE_FORK_SUPPORT": "1"}], ids=["", "1"])
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes(method, fork_support, tmp_path):
    """In a separate process, because gRPC reads its settings for forks only once."""
    program = tmp_path / "program.py"
    program.write_text(FORKING)
    ended = subprocess.run(
        [sys.executable, program, method],
        env={**fork_support, "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.stdout.splitlines() == ["(1, 12)"] * 3, ended.stderr


FORKING = f"""
import multiprocessing, subprocess, sys
from scimult import Client

def encode(client, answers):
    answers.put(client.encode(["a"], task="search").shape)

if __name__ == "__main__":
    words = [sys.executable, "-c", {SERVER!r}]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        client = Client(server.stdout.readline().strip(), timeout=20)
        print(client.encode(["a"], task="search").shape)
        context = multiprocessing.get_context(sys.argv[1])
        answers = context.Queue()
        child = context.Process(target=encode, args=(client, answers))
        child.start()
        print(answers.get(timeout=30))
        child.join(30)
        print(client.encode(["b"], task="search").shape)
        server.stdin.close()
"""
