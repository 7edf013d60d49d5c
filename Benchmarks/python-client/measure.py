#!/usr/bin/env python3
"""Measures the throughput that one Python process gets through the client.

    measure.py --model MODEL [--papers papers.jsonl]

The server runs on one core, its clients on another. Three clients alternate: h2load, which repeats
one request as fast as the server answers and does not decode the answers; `encode_iter` of the
Python client over all papers; and `encode_iter` of the asyncio client. All have the same number of
documents in a request and the same number of concurrent requests. The papers of the repeated
request are as long as those of the file. Throughput is in tokens per second, by the server's own
count. Prints each round, and the median over the rounds of each client's throughput relative to
h2load's in the same round.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import statistics
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shared.pinned_server import CLIENT_CORE, Server, serve

from scimult import AsyncClient, Client
from scimult._generated import scimult_pb2 as pb
from scimult.documents import to_message

DOCUMENTS_OF_A_REQUEST = 32
UNDER_WAY = 8

Papers = list[dict[str, Any]]


def count(server: Server, metric: str) -> float:
    """Returns the sum of a metric's series."""
    with urllib.request.urlopen(f"http://{server.admin}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    values = re.findall(rf"^{metric}(?:{{.*}})? (\S+)$", text, re.MULTILINE)
    return sum(map(float, values))


def read_papers(path: Path, count: int) -> Papers:
    """Returns the first papers of a JSONL file of titles and abstracts, repeated if too few."""
    papers = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [papers[place % len(papers)] for place in range(count)]


def request_of(papers: Papers) -> bytes:
    """Returns a request, with gRPC's prefix, with papers of all lengths in the file."""
    by_length = sorted(map(to_message, papers), key=pb.Document.ByteSize)
    step = len(papers) / DOCUMENTS_OF_A_REQUEST
    documents = [by_length[int((place + 0.5) * step)] for place in range(DOCUMENTS_OF_A_REQUEST)]
    message = pb.EncodeRequest(task=pb.TASK_SEARCH, documents=documents).SerializeToString()
    return b"\0" + struct.pack(">I", len(message)) + message


def h2load(server: Server, papers: Papers) -> None:
    """Sends as many requests as the papers need, all with the same content."""
    with tempfile.NamedTemporaryFile() as body:
        body.write(request_of(papers))
        body.flush()
        command = ["h2load", "-c", "1", "-m", str(UNDER_WAY), "-d", body.name]
        command += ["-n", str(-(-len(papers) // DOCUMENTS_OF_A_REQUEST))]
        command += ["-H", "content-type: application/grpc", "-H", "te: trailers"]
        ended = subprocess.run(
            [*command, f"http://{server.grpc}/scimult.v1.SciMult/Encode"],
            capture_output=True,
            text=True,
            check=False,
        )
    if ended.returncode != 0 or " 0 failed, 0 errored, 0 timeout" not in ended.stdout:
        raise SystemExit(f"h2load failed:\n{ended.stdout}{ended.stderr}")


def threads_client(server: Server, papers: Papers) -> None:
    """Runs `Client.encode_iter` over all papers."""
    with Client(server.grpc) as client:
        rows = client.encode_iter(
            papers,
            task="search",
            documents_per_request=DOCUMENTS_OF_A_REQUEST,
            concurrency=UNDER_WAY,
        )
        assert sum(row.embedding is not None for row in rows) == len(papers)


def asyncio_client(server: Server, papers: Papers) -> None:
    """Runs `AsyncClient.encode_iter` over all papers."""

    async def main() -> int:
        async with AsyncClient(server.grpc) as client:
            rows = client.encode_iter(
                papers,
                task="search",
                documents_per_request=DOCUMENTS_OF_A_REQUEST,
                concurrency=UNDER_WAY,
            )
            return sum([row.embedding is not None async for row in rows])

    assert asyncio.run(main()) == len(papers)


CLIENTS: dict[str, Callable[[Server, Papers], None]] = {
    "h2load": h2load,
    "Client": threads_client,
    "AsyncClient": asyncio_client,
}


def tokens_per_second(
    server: Server, papers: Papers, client: Callable[[Server, Papers], None]
) -> float:
    """Returns the server's throughput while this client sends."""
    tokens, texts = count(server, "scimult_tokens_total"), count(server, "scimult_texts_total")
    start = time.monotonic()
    client(server, papers)
    seconds = time.monotonic() - start
    if count(server, "scimult_texts_total") - texts < len(papers):
        raise SystemExit("not all papers were answered")
    if count(server, "scimult_cache_hits_total") > 0:
        raise SystemExit("texts were answered without being encoded")
    return (count(server, "scimult_tokens_total") - tokens) / seconds


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--scimult", type=Path, default=Path(".build/release/scimult"))
    parser.add_argument("--model", required=True)
    parser.add_argument("--papers", type=Path, default=Path("examples/papers.jsonl"))
    parser.add_argument("--count", type=int, default=4321, help="papers of each phase of a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--results", type=Path, default=Path("Benchmarks/results"))
    return parser.parse_args()


def main() -> None:
    arguments = parse_arguments()
    if (os.cpu_count() or 1) < 2:
        raise SystemExit("two cores are needed: one for the server, one for its clients")
    papers = read_papers(arguments.papers, arguments.count)
    os.sched_setaffinity(0, {CLIENT_CORE})
    found: dict[str, list[float]] = {name: [] for name in CLIENTS}
    with serve(arguments.scimult, arguments.model) as server:
        h2load(server, papers[: 8 * DOCUMENTS_OF_A_REQUEST])
        for number in range(arguments.rounds):
            for name, client in CLIENTS.items():
                found[name].append(tokens_per_second(server, papers, client))
                print(
                    f"round {number + 1}, {name}: {found[name][-1]:,.0f} tokens/s",
                    file=sys.stderr,
                    flush=True,
                )
    report(found, arguments.results)


def report(found: dict[str, list[float]], folder: Path) -> None:
    """Prints the medians and writes python-client.json."""
    print(f"{'client':12} {'tokens/s':>10} {'of h2load':>10}")
    table = {}
    for name, rates in found.items():
        shares = [rate / best for rate, best in zip(rates, found["h2load"], strict=True)]
        table[name] = {
            "tokens_per_s": statistics.median(rates),
            "share_of_h2load": statistics.median(shares),
            "shares_of_h2load": shares,
        }
        print(f"{name:12} {statistics.median(rates):10,.0f} {statistics.median(shares):10.3f}")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "python-client.json").write_text(json.dumps(table, indent=2) + "\n")


if __name__ == "__main__":
    main()
