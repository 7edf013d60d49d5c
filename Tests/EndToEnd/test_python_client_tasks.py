"""The Python client and its command with tasks that have only names."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import numpy as np
import pytest

from harness.command import CLIENT, Command, json_lines
from harness.golden import VALUE_ERROR_MAX, embeddings, golden_rows
from scimult import (
    AsyncClient,
    Client,
    FailedPreconditionError,
    InvalidArgumentError,
)

TASKS = ["classification", "link_prediction", "search", "regression"]


@pytest.fixture(scope="module")
def rows(specter2):
    return golden_rows(specter2)


@pytest.fixture
def client(specter2_server) -> Iterator[Client]:
    with Client(specter2_server.grpc) as client:
        yield client


@pytest.fixture(scope="module")
def run() -> Command:
    return Command(CLIENT)


@pytest.mark.parametrize("role", ["query", "candidate"])
@pytest.mark.parametrize("task", [*TASKS, "link-prediction"])
def test_encode(client, rows, task, role):
    wanted = rows[task.replace("-", "_"), role]
    got = client.encode([row.line for row in wanted], task=task, role=role)
    np.testing.assert_allclose(got, embeddings(wanted), rtol=0, atol=VALUE_ERROR_MAX)


@pytest.mark.parametrize("task", ["search", "regression"])
def test_rank(client, rows, task):
    query, candidates = rows[task, "query"][0], rows[task, "candidate"]
    results = client.rank(query.line, [row.line for row in candidates], task=task)
    got = {result.index: result.score for result in results}
    np.testing.assert_allclose(
        [got[index] for index in range(len(candidates))],
        embeddings(candidates) @ query.embedding,
        rtol=0,
        atol=2e-3,
    )


def test_a_stream_of_documents(client, rows):
    wanted = rows["regression", "query"] * 100
    encoded = client.encode_iter((row.line for row in wanted), task="regression")
    got = np.stack([each.embedding for each in encoded])
    np.testing.assert_allclose(got, embeddings(wanted), rtol=0, atol=VALUE_ERROR_MAX)


def test_async_client(specter2_server, rows):
    async def main() -> list[np.ndarray]:
        async with AsyncClient(specter2_server.grpc) as client:
            calls = [
                client.encode([row.line for row in some], task=task, role=role)
                for (task, role), some in rows.items()
            ]
            return list(await asyncio.gather(*calls))

    for got, wanted in zip(asyncio.run(main()), rows.values(), strict=True):
        np.testing.assert_allclose(got, embeddings(wanted), rtol=0, atol=VALUE_ERROR_MAX)


def test_model(client):
    model = client.model()
    assert model.task_names == tuple(TASKS)
    assert model.tasks == tuple(TASKS[:3])
    told = {(each.task, each.role): each.name for each in model.experts}
    assert len(told) == 8
    assert told["search", "query"] == "[QRY]"
    assert told["search", "candidate"] == "[PRX]"
    assert told["regression", "query"] == "[RGN]"
    assert len(model.fingerprint) == 32


def test_a_task_that_is_not_served(client):
    with pytest.raises(FailedPreconditionError) as caught:
        client.encode(["cells"], task="topics")
    assert "regression" in str(caught.value)
    with pytest.raises(FailedPreconditionError):
        client.rank("q", ["cells"], task="topics")


def test_names_that_are_none(client):
    for name in ("n" * 65, "a\tb"):
        with pytest.raises(InvalidArgumentError) as caught:
            client.encode(["cells"], task=name)
        assert "task_name" in str(caught.value)
    with pytest.raises(ValueError, match="task"):
        client.encode(["cells"], task="")


class TestCommand:
    def words(self, server, *words: str) -> list[str]:
        command, *further = words
        return [command, "--server", server.grpc, *further]

    @pytest.mark.parametrize("task", ["search", "regression"])
    def test_encode(self, run, specter2_server, rows, task):
        wanted = rows[task, "candidate"]
        words = self.words(specter2_server, "encode", "--task", task, "--role", "candidate")
        lines = run(*words, stdin=json_lines(row.line for row in wanted)).succeed().json_lines()
        got = [line["embedding"] for line in lines]
        np.testing.assert_allclose(got, embeddings(wanted), rtol=0, atol=VALUE_ERROR_MAX)

    def test_rank(self, run, specter2_server, rows):
        candidates = rows["regression", "candidate"]
        words = self.words(specter2_server, "rank", "--task", "regression", "--query", "cells")
        lines = run(*words, stdin=json_lines(row.line for row in candidates)).succeed().json_lines()
        assert sorted(line["index"] for line in lines) == list(range(len(candidates)))

    def test_model(self, run, specter2_server):
        told = run(*self.words(specter2_server, "model", "--json")).succeed().json_lines()[0]
        assert told["task_names"] == TASKS
        assert len(told["fingerprint"]) == 32
        assert len(told["experts"]) == 8

    def test_a_task_that_is_not_served(self, run, specter2_server):
        words = self.words(specter2_server, "encode", "--task", "topics")
        line = run(*words, stdin='{"text": "cells"}\n').fail_in_one_line(1)
        assert "topics" in line
        assert "regression" in line

    def test_an_empty_task_is_wrong_use(self, run, specter2_server):
        assert "--task" in run(*self.words(specter2_server, "encode", "--task", "")).fail(2)
