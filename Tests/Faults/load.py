"""Load by h2load, which asks without waiting for answers, and what a server made of it."""

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

#: The most requests that a connection has under way.
UNDER_WAY_MAX = 256

#: At the beginning and at the end of a load, not counted.
EDGE_SECONDS = 2


@dataclass(frozen=True)
class Client:
    """One connection; its task tells its requests from those of others."""

    body: Path
    task: str
    #: Requests under way at all times; with a rate, the most.
    under_way: int
    #: Requests a second, whatever becomes of them; None for as many as are answered.
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
    """What a server did in the counted part of a load, per second."""

    #: Good answers, by task.
    good: dict[str, float]
    #: All that was asked and answered somehow.
    asked: float
    refused: float
    tokens: float
    #: Seconds that work waited in the queue: in the mean, and the bound that 99 % stay under.
    wait_mean: float
    wait_p99: float

    @property
    def goodput(self) -> float:
        return sum(self.good.values())


def body(folder: Path, task: str, request: pb.EncodeRequest) -> Path:
    """A file with a request of a task, as a frame of gRPC."""
    path = folder / task
    copy = pb.EncodeRequest()
    copy.CopyFrom(request)
    copy.task = pb.Task.Value(f"TASK_{task.upper()}")
    path.write_bytes(frame(copy.SerializeToString()))
    return path


def serve_load(server: ServerProcess, clients: list[Client], seconds: float, core: str) -> Served:
    """Lets clients load a server at once, for so many counted seconds."""
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
