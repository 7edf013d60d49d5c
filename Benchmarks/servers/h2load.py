"""Generates load with h2load, the native generator of nghttp2, and reads its results."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
from shared.processes import pinned

RUN_SECONDS_MAX = 300

CLIENTS_MAX = 8
"""Maximum number of client processes; each sends a different text."""


class LoadError(Exception):
    """A request did not get the expected answer."""


@dataclass(frozen=True)
class Target:
    """The destination of a load."""

    address: str
    path: str
    headers: tuple[str, ...]
    is_http1: bool
    core: int
    """The core of the generator."""


@dataclass(frozen=True)
class Request:
    """A request body, its number of texts, and the size of the response body."""

    body: Path
    reply_bytes: int
    texts: int
    tokens: int


@dataclass(frozen=True)
class Load:
    """The answers of a run."""

    seconds: float
    """Seconds from the first request to the last answer."""
    requests: int
    texts: int
    tokens: int
    durations_s: list[float]

    @property
    def p50_s(self) -> float:
        """The median duration of a request."""
        return median(self.durations_s)

    @property
    def p99_s(self) -> float:
        """The 99th percentile of the duration of a request."""
        return float(np.quantile(self.durations_s, 0.99, method="higher"))


def run(target: Target, clients: Sequence[Request], concurrency: int, count: int) -> Load:
    """Sends at least `count` requests, `concurrency` at a time.

    Each client repeats its own request, and gets an equal part of both numbers. Raises LoadError if
    a request was not answered completely.
    """
    clients = clients[: min(concurrency, CLIENTS_MAX)]
    at_a_time = concurrency // len(clients)
    each = max(at_a_time, -(-count // len(clients)))
    with TemporaryDirectory() as folder:
        logs = [Path(folder) / f"{number}.tsv" for number in range(len(clients))]
        processes = [
            subprocess.Popen(
                pinned(command(target, client.body, log, at_a_time, each), {target.core}),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for client, log in zip(clients, logs, strict=True)
        ]
        try:
            outputs = [process.communicate(timeout=RUN_SECONDS_MAX)[0] for process in processes]
        except subprocess.TimeoutExpired:
            raise LoadError(f"{count} requests took more than {RUN_SECONDS_MAX} s") from None
        finally:
            for process in processes:
                process.kill()
                process.wait()
        for client, output in zip(clients, outputs, strict=True):
            check(output, each, each * client.reply_bytes)
        rows = np.concatenate([np.loadtxt(log, np.int64, ndmin=2) for log in logs])
    starts_us, durations_us = rows[:, 0], rows[:, 2]
    return Load(
        seconds=float((starts_us + durations_us).max() - starts_us.min()) / 1e6,
        requests=each * len(clients),
        texts=each * sum(client.texts for client in clients),
        tokens=each * sum(client.tokens for client in clients),
        durations_s=[float(duration) / 1e6 for duration in durations_us],
    )


def command(target: Target, body: Path, log: Path, at_a_time: int, count: int) -> list[str]:
    """With HTTP/2 a client uses one connection; with HTTP/1.1, one for each concurrent request."""
    spread = ["-c", str(at_a_time), "--h1"] if target.is_http1 else ["-m", str(at_a_time)]
    headers = [word for header in target.headers for word in ("-H", header)]
    return [
        *("h2load", *spread, "-n", str(count), *headers),
        *("-d", str(body), f"--log-file={log}", f"http://{target.address}{target.path}"),
    ]


def check(output: str, count: int, data_bytes: int) -> None:
    """Raises LoadError if the answers' size is wrong: gRPC errors, too, have status 200 in HTTP."""
    succeeded = re.search(r"(\d+) succeeded", output)
    received = re.search(r"\((\d+)\) data", output)
    if succeeded is None or received is None:
        raise LoadError(f"h2load: {' '.join(output.split())[-300:]}")
    if int(succeeded[1]) != count:
        raise LoadError(f"{count - int(succeeded[1])} of {count} requests failed")
    if int(received[1]) != data_bytes:
        raise LoadError(f"{count} answers had {received[1]} bytes, not {data_bytes}")
