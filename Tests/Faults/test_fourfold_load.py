"""Under four times its maximum load, a server keeps its peak throughput and stays fair."""

from __future__ import annotations

from harness.texts import long_request
from load import UNDER_WAY_MAX, Client, Served, body, serve_load

ROUNDS = 3
PEAK_SECONDS = 10
OVERLOAD_SECONDS = 40

OVERLOAD = 4
GOODPUT_MIN = 0.8
FAIRNESS_MIN = 0.8

#: Some milliseconds of work.
REQUEST = long_request(4)
REQUEST_TOKENS = 4 * 510
QUEUE_TOKENS = 40 * REQUEST_TOKENS
#: For each of two clients, at the peak: the fullest queue in which no request is refused.
UNDER_WAY = 16

TASKS = ("search", "classification")


def test_overload(start_server, figures, tmp_path, cores):
    server = start_server(
        *("--threads", "1", "--cache-bytes", "0", "--max-queue-tokens", f"{QUEUE_TOKENS}"),
        *("--log-level", "error"),
        launcher=["taskset", "-c", cores[0]],
    )
    bodies = {task: body(tmp_path, task, REQUEST) for task in TASKS}

    def load(seconds: float, under_way: int, *rates: float | None) -> Served:
        clients = [
            Client(bodies[task], task, under_way, rate)
            for task, rate in zip(TASKS, rates, strict=True)
        ]
        return serve_load(server, clients, seconds, cores[1])

    peak = max(load(PEAK_SECONDS, UNDER_WAY, None, None).goodput for _ in range(ROUNDS))
    half = peak * OVERLOAD / 2
    loads = [load(OVERLOAD_SECONDS, UNDER_WAY_MAX, half, half) for _ in range(ROUNDS)]
    goodput = max(loaded.goodput for loaded in loads) / peak
    offered = min(loaded.asked for loaded in loads) / peak
    wait_max = QUEUE_TOKENS / min(loaded.tokens for loaded in loads)
    wait_mean = min(loaded.wait_mean for loaded in loads)
    fairness = max(min(loaded.good.values()) / max(loaded.good.values()) for loaded in loads)
    figures.record(
        f"{OVERLOAD}× overload for minutes: goodput at least {GOODPUT_MIN:.0%} of the peak",
        f"{ROUNDS} × {OVERLOAD_SECONDS} s at {offered:.1f} times the peak: {goodput:.0%}",
    )
    figures.record(
        f"{OVERLOAD}× overload: the wait in the queue is bounded by its tokens",
        f"{wait_mean * 1_000:.0f} ms in the mean; the queue holds {wait_max * 1_000:.0f} ms of "
        "work",
    )
    figures.record(
        f"{OVERLOAD}× overload: two clients are served alike, the worse at least "
        f"{FAIRNESS_MIN:.0%} of the better",
        f"{fairness:.0%}",
    )
    assert offered > OVERLOAD * 0.75
    assert goodput >= GOODPUT_MIN
    assert wait_mean <= 1.5 * wait_max
    assert fairness >= FAIRNESS_MIN
