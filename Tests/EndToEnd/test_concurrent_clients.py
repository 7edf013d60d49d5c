"""Many concurrent clients get the same answers as each would get alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from harness.calls import encode, rank
from harness.http2 import Http2Connection
from harness.texts import TASKS
from scimult._generated import scimult_pb2 as pb

COMPANY_ERROR_MAX = 1e-5
CLIENTS = 64


def request(number: int) -> pb.EncodeRequest:
    """Returns requests of all tasks, with 1 to 5 documents of 1 to 300 words."""
    documents = [
        pb.Document(id=f"{number}/{place}", text=f"{number} cells " * (1 + 37 * number % 150))
        for place in range(1 + number % 5)
    ]
    return pb.EncodeRequest(
        request_id=str(number), task=list(TASKS.values())[number % 3], documents=documents
    )


def values(response: pb.EncodeResponse) -> np.ndarray:
    return np.array([embedding.values for embedding in response.embeddings], np.float32)


def check(response: pb.EncodeResponse, number: int, expected: np.ndarray) -> None:
    assert response.request_id == str(number)
    assert [row.id for row in response.embeddings] == [
        document.id for document in request(number).documents
    ]
    np.testing.assert_allclose(values(response), expected, rtol=0, atol=COMPANY_ERROR_MAX)


def test_a_connection_each(server, channel):
    expected = [values(encode(channel, request(number))) for number in range(CLIENTS)]

    def client(number: int) -> None:
        with server.channel() as own:
            for round in range(4):
                place = (number + 17 * round) % CLIENTS
                check(encode(own, request(place)), place, expected[place])

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(client, range(CLIENTS)))


def test_streams_of_one_connection(server, channel):
    expected = [values(encode(channel, request(number))) for number in range(CLIENTS)]
    with Http2Connection(server) as connection:
        streams = [
            connection.call("Encode", request(number).SerializeToString())
            for number in range(CLIENTS)
        ]
        for number, stream in enumerate(streams):
            response = connection.response(stream)
            assert response.status() == (0, "")
            check(pb.EncodeResponse.FromString(response.data[5:]), number, expected[number])


def test_wrong_requests_among_right_ones(server, channel):
    expected = [values(encode(channel, request(number))) for number in range(8)]
    with Http2Connection(server) as connection:
        streams = []
        for number in range(8):
            streams.append(connection.call("Encode", request(number).SerializeToString()))
            connection.call("Encode", b"\xff")
            connection.reset(connection.call("Encode", request(number).SerializeToString()))
        for number, stream in enumerate(streams):
            response = connection.response(stream)
            check(pb.EncodeResponse.FromString(response.data[5:]), number, expected[number])


def test_ranking_beside_encoding(server, channel):
    query = pb.Document(text="cells")
    ranking = pb.RankRequest(
        task=pb.TASK_SEARCH,
        query=query,
        candidates=[pb.Document(text=f"cells of kind {number}") for number in range(30)],
    )
    expected = [(result.index, result.score) for result in rank(channel, ranking).results]

    def client(number: int) -> None:
        with server.channel() as own:
            encode(own, request(number))
            results = rank(own, ranking).results
        np.testing.assert_allclose(
            sorted((result.index, result.score) for result in results),
            sorted(expected),
            rtol=1e-4,
            atol=1e-4,
        )

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(client, range(16)))
