#!/usr/bin/env python3
"""Measures how much a bulk client delays the queries of another client.

    measure.py --model MODEL [--papers papers.jsonl]

The server runs on one core, h2load on another. Three phases alternate: a client that sends one
query after the other, alone; the same with a bulk client that always has eight requests of 32
papers running; the same with a bulk client that sends x-scimult-priority: batch. Prints each
round's percentiles, and the median over the rounds of the ratio of the 99th percentile to that of
the client alone.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from shared.pinned_server import CLIENT_CORE, serve

from scimult._generated import scimult_pb2 as pb

PAPERS_OF_A_REQUEST = 32
BULK_REQUESTS = 8
WARM_UP_SECONDS = 1

NEIGHBOURS = {
    "alone": None,
    "bulk": (),
    "bulk, batch": ("x-scimult-priority: batch",),
}


@dataclass(frozen=True)
class Waits:
    """Durations of one phase's calls, in milliseconds."""

    calls: int
    p50: float
    p99: float


def framed(request: pb.EncodeRequest) -> bytes:
    """Returns a message with gRPC's prefix."""
    message = request.SerializeToString()
    return b"\0" + struct.pack(">I", len(message)) + message


def read_papers(path: Path) -> list[pb.Document]:
    """Returns the documents of a JSONL file of titles and abstracts."""
    papers = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    documents = [
        pb.Document(paper=pb.Paper(title=paper["title"], abstract=paper.get("abstract") or ""))
        for paper in papers
    ]
    return [documents[index % len(documents)] for index in range(PAPERS_OF_A_REQUEST)]


class Load:
    """Runs h2load against one server."""

    def __init__(self, address: str, folder: Path) -> None:
        self.url = f"http://{address}/scimult.v1.SciMult/Encode"
        self.folder = folder

    def start(
        self, body: Path, seconds: float, under_way: int, headers: tuple[str, ...], log: Path
    ) -> subprocess.Popen[str]:
        """Starts to send one message repeatedly, over a separate connection."""
        log.unlink(missing_ok=True)
        fields = ["content-type: application/grpc", "te: trailers", *headers]
        command = ["taskset", "-c", str(CLIENT_CORE), "h2load", "-c", "1", "-m", str(under_way)]
        command += ["-D", str(seconds), f"--log-file={log}", "-d", str(body)]
        for field in fields:
            command += ["-H", field]
        return subprocess.Popen([*command, self.url], stdout=subprocess.PIPE, text=True)

    def measure(self, query: Path, bulk: Path, seconds: int, neighbour: str) -> Waits:
        """Returns the durations of queries while another client sends."""
        headers = NEIGHBOURS[neighbour]
        other = None
        if headers is not None:
            total = seconds + 2 * WARM_UP_SECONDS
            other = self.start(bulk, total, BULK_REQUESTS, headers, self.folder / "bulk.log")
            time.sleep(WARM_UP_SECONDS)
        log = self.folder / "queries.log"
        finish(self.start(query, seconds, 1, (), log))
        if other is not None:
            finish(other)
        return waits(log)


def finish(process: subprocess.Popen[str]) -> None:
    """Waits for h2load and checks that every call was answered."""
    output, _ = process.communicate()
    if process.returncode != 0 or not re.search(r" 0 failed, 0 errored, 0 timeout", output):
        raise SystemExit(f"h2load failed:\n{output}")


def waits(log: Path) -> Waits:
    """Returns percentiles from h2load's log of the start, status and microseconds of each call."""
    times = sorted(int(line.split()[2]) / 1000 for line in log.read_text().splitlines())
    return Waits(len(times), times[len(times) // 2], times[int(len(times) * 0.99)])


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--scimult", type=Path, default=Path(".build/release/scimult"))
    parser.add_argument("--model", required=True)
    parser.add_argument("--papers", type=Path, default=Path("examples/papers.jsonl"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=10, help="of each phase of a round")
    parser.add_argument("--results", type=Path, default=Path("Benchmarks/results"))
    return parser.parse_args()


def main() -> None:
    arguments = parse_arguments()
    if (os.cpu_count() or 1) < 2:
        raise SystemExit("two cores are needed: one for the server, one for its clients")
    found: dict[str, list[Waits]] = {neighbour: [] for neighbour in NEIGHBOURS}
    with (
        tempfile.TemporaryDirectory() as name,
        serve(arguments.scimult, arguments.model) as server,
    ):
        folder = Path(name)
        query, bulk = folder / "query.bin", folder / "bulk.bin"
        text = pb.Document(text="mixture of experts for scientific documents")
        query.write_bytes(framed(pb.EncodeRequest(task=pb.TASK_SEARCH, documents=[text])))
        papers = read_papers(arguments.papers)
        bulk.write_bytes(framed(pb.EncodeRequest(task=pb.TASK_SEARCH, documents=papers)))
        load = Load(server.grpc, folder)
        for number in range(arguments.rounds):
            for neighbour, phases in found.items():
                phases.append(load.measure(query, bulk, arguments.seconds, neighbour))
                last = phases[-1]
                print(
                    f"round {number + 1}, {neighbour}: {last.calls} calls, "
                    f"p50 {last.p50:.2f} ms, p99 {last.p99:.2f} ms",
                    file=sys.stderr,
                    flush=True,
                )
    report(found, arguments.results)


def report(found: dict[str, list[Waits]], folder: Path) -> None:
    """Prints the medians and writes fairness.json."""
    alone = found["alone"]
    print(f"{'neighbour':12} {'p50 ms':>8} {'p99 ms':>8} {'p99 / alone':>12}")
    table = {}
    for neighbour, phases in found.items():
        ratios = [phase.p99 / quiet.p99 for phase, quiet in zip(phases, alone, strict=True)]
        row = {
            "p50_ms": statistics.median(phase.p50 for phase in phases),
            "p99_ms": statistics.median(phase.p99 for phase in phases),
            "p99_ratio": statistics.median(ratios),
            "p99_ratios": ratios,
        }
        table[neighbour] = row
        print(f"{neighbour:12} {row['p50_ms']:8.2f} {row['p99_ms']:8.2f} {row['p99_ratio']:12.2f}")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "fairness.json").write_text(json.dumps(table, indent=2) + "\n")


if __name__ == "__main__":
    main()
