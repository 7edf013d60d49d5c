#!/usr/bin/env python3
"""What the server adds to the engine's time for one query, and the least that it could add.

    measure.py --scimult .build-static/release/scimult --model MODEL

One server with one thread on one core and without a cache, one client on another core, one call at
a time. In each round: the engine alone, the server, the floor (see loopback_floor.c), the engine
again. Prints medians over the rounds, and writes latency.json.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable
from pathlib import Path
from statistics import median

from floor import floor
from shared.pinned_server import CLIENT_CORE, SERVER_CORE, serve
from shared.processes import pinned
from shared.sequences import Workload, write_sequences
from unary_client import UnaryClient

from scimult._generated import scimult_pb2 as pb

TEXT = "mixture of experts for scientific documents with contrastive learning"
ENGINE_SECONDS = 0.5
WARM_UP_CALLS = 200


def token_ids(scimult: Path, model: str) -> list[int]:
    """What the model reads of the text."""
    line = json.dumps({"text": TEXT})
    command = [str(scimult), "tokenize", "--model", model]
    result = subprocess.run(command, input=line, capture_output=True, text=True, check=True)
    return list(json.loads(result.stdout)["ids"])


def engine_us(scimult: Path, model: str, sequences: Path) -> float:
    """The median of passes over the text, on the server's core."""
    command = [str(scimult), "bench", "--model", model, "--threads", "1", "--json"]
    command += ["--sequences", str(sequences), "--seconds", str(ENGINE_SECONDS)]
    result = subprocess.run(
        pinned(command, {SERVER_CORE}), capture_output=True, text=True, check=True
    )
    (row,) = json.loads(result.stdout)["workloads"]
    return float(row["median_s"]) * 1e6


def encoded(admin: str) -> tuple[float, int]:
    """The seconds that the server's encoder has worked, and its batches."""
    with urllib.request.urlopen(f"http://{admin}/metrics") as reply:
        text = reply.read().decode()
    values = dict(re.findall(r"^scimult_encode_seconds_(sum|count)(?:\{.*\})? (\S+)$", text, re.M))
    return float(values["sum"]), int(float(values["count"]))


def timed_us(call_ns: Callable[[], int], calls: int) -> tuple[float, float]:
    """The median and the 99th percentile of so many calls."""
    times = sorted(call_ns() for _ in range(calls))
    return times[calls // 2] / 1_000, times[calls * 99 // 100] / 1_000


def measure(arguments: argparse.Namespace) -> dict[str, list[float]]:
    """A value of each figure per round, in microseconds."""
    found: dict[str, list[float]] = {}

    def note(**values: float) -> None:
        for name, value in values.items():
            found.setdefault(name, []).append(value)

    scimult, model, calls = arguments.scimult, arguments.model, arguments.calls
    request = pb.EncodeRequest(task=pb.TASK_SEARCH, documents=[pb.Document(text=TEXT)])
    with tempfile.TemporaryDirectory() as name, serve(scimult, model) as server:
        os.sched_setaffinity(0, {CLIENT_CORE})
        sequences = Path(name) / "query.json"
        write_sequences(sequences, [Workload("query", [token_ids(scimult, model)])])
        before = engine_us(scimult, model, sequences)
        message = request.SerializeToString()
        client = UnaryClient(server.grpc, "/scimult.v1.SciMult/Encode", message)
        timed_us(client.call_ns, WARM_UP_CALLS)
        bytes_of = (len(client.request(client.fields)), client.reply_bytes)
        busy_us = round(before)
        with floor(Path(name), *bytes_of, busy_us) as least:
            for number in range(arguments.rounds):
                seconds, batches = encoded(server.admin)
                p50, p99 = timed_us(client.call_ns, calls)
                seconds_after, batches_after = encoded(server.admin)
                floor_p50, floor_p99 = timed_us(least.call_ns, calls)
                after = engine_us(scimult, model, sequences)
                engine = (before + after) / 2
                before = after
                in_server = (seconds_after - seconds) / (batches_after - batches) * 1e6
                note(engine=engine, served_p50=p50, served_p99=p99, added=p50 - engine)
                note(encoder_in_server_mean=in_server)
                note(floor_p50=floor_p50 - busy_us, floor_p99=floor_p99 - busy_us)
                print(
                    f"round {number + 1}: {p50 - engine:.0f} µs above the engine",
                    file=sys.stderr,
                    flush=True,
                )
    return found


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--scimult", type=Path, default=Path(".build/release/scimult"))
    parser.add_argument("--model", required=True)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--calls", type=int, default=500, help="of each round")
    parser.add_argument("--results", type=Path, default=Path("Benchmarks/results"))
    return parser.parse_args()


def main() -> None:
    arguments = parse_arguments()
    if (os.cpu_count() or 1) < 2:
        raise SystemExit("two cores are needed: one for the server, one for its client")
    found = measure(arguments)
    medians = {name: median(values) for name, values in found.items()}
    for name, value in medians.items():
        print(f"{name:24} {value:8.1f} µs")
    arguments.results.mkdir(parents=True, exist_ok=True)
    result = {"calls": arguments.rounds * arguments.calls, "medians_us": medians, "rounds": found}
    (arguments.results / "latency.json").write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
