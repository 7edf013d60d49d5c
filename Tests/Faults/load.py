"""Load from h2load, which sends without waiting for answers, and the server's results."""

from __future__ import annotations

import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from harness.calls import SERVICE
from harness.metrics import Metrics
from harness.server import ServerProcess
from harness.wire import frame
from scimult._generated import scimult_pb2 as pb

#: The maximum number of concurrent requests on a connection.
UNDER_WAY_MAX = 256

#: Seconds at the beginning and at the end of a load that are not counted.
EDGE_SECONDS = 2


@dataclass(frozen=True)
class Client:
    """One connection; its task distinguishes its requests from those of others."""

    body: Path
    task: str
    #: The constant number of concurrent requests, or the maximum if there is a rate.
    under_way: int
    #: Requests per second, independent of answers; None for as many as are answered.
    rate: float | None = None

    def start(self, server: ServerProcess, seconds: float, core: str) -> subprocess.Popen[str]:
        command = ["taskset", "-c", core, "h2load", "-c", "1", "-m", f"{self.under_way}"]
        command += ["-D", f"{seconds}", "-d", str(self.body)]
        if self.rate is not None:
            command += ["--rps", f"{self.rate:.1f}"]
        for field in ("content-type: application/grpc", "te: trailers"):
            command += ["-H", field]
        url = f"http://{server.grpc}/{SERVICE}/Encode"
        return subprocess.Popen([*command, url], stdout=subprocess.PIPE, text=True)


@dataclass(frozen=True)
class Served:
    """A server's results in the counted part of a load, per second."""

    #: Successful answers, by task.
    good: dict[str, float]
    #: All requests that got any answer.
    asked: float
    refused: float
    tokens: float
    #: Seconds that work waited in the queue: the mean, and an upper bound of the 99th percentile.
    wait_mean: float
    wait_p99: float

    @property
    def goodput(self) -> float:
        return sum(self.good.values())


def body(folder: Path, task: str, request: pb.EncodeRequest) -> Path:
    """Writes a file with a request of a task, with gRPC's prefix."""
    path = folder / task
    copy = pb.EncodeRequest()
    copy.CopyFrom(request)
    copy.task = pb.Task.Value(f"TASK_{task.upper()}")
    path.write_bytes(frame(copy.SerializeToString()))
    return path


def serve_load(server: ServerProcess, clients: list[Client], seconds: float, core: str) -> Served:
    """Loads a server with concurrent clients for this many counted seconds."""
    processes = [client.start(server, seconds + 2 * EDGE_SECONDS, core) for client in clients]
    time.sleep(EDGE_SECONDS)
    before, begun = Metrics.of(server), time.monotonic()
    time.sleep(seconds)
    after, took = Metrics.of(server), time.monotonic() - begun
    for process in processes:
        output, _ = process.communicate()
        assert process.returncode == 0, output
        assert re.search(r" 0 failed, 0 errored, 0 timeout", output), output
    return _served(before, after, took, clients)


def _served(before: Metrics, after: Metrics, seconds: float, clients: list[Client]) -> Served:
    def rate(name: str, **labels: str) -> float:
        return (after.total(name, **labels) - before.total(name, **labels)) / seconds

    waits = "scimult_queue_wait_seconds"
    count = rate(f"{waits}_count")
    bounds = {labels: value for (labels,), value in after.series(f"{waits}_bucket").items()}
    earlier = {labels: value for (labels,), value in before.series(f"{waits}_bucket").items()}
    enough = 0.99 * count * seconds
    p99 = min(float(le) for le, value in bounds.items() if value - earlier[le] >= enough)
    return Served(
        good={
            client.task: rate("scimult_requests_total", status="OK", task=client.task)
            for client in clients
        },
        asked=rate("scimult_requests_total"),
        refused=rate("scimult_refusals_total", reason="queue_full"),
        tokens=rate("scimult_tokens_total"),
        wait_mean=rate(f"{waits}_sum") / count if count else 0,
        wait_p99=p99,
    )
