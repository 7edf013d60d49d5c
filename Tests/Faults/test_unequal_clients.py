"""Beside a client that asks for far too much, one that asks for less than its share."""

from __future__ import annotations

import pytest

from load import UNDER_WAY_MAX, Client, body, serve_load
from test_fourfold_load import OVERLOAD, QUEUE_TOKENS, REQUEST

SECONDS = 15

#: Of the peak, where half of it would be this client's share.
MODEST = 0.25
SERVED_MIN = 0.8


@pytest.mark.xfail(
    strict=True,
    reason="a full queue refuses whoever comes next, so a client is refused for what others ask",
)
def test_unequal_clients(start_server, figures, tmp_path, cores):
    server = start_server(
        *("--threads", "1", "--cache-bytes", "0", "--max-queue-tokens", f"{QUEUE_TOKENS}"),
        *("--log-level", "error"),
        launcher=["taskset", "-c", cores[0]],
    )
    modest, greedy = (body(tmp_path, task, REQUEST) for task in ("search", "classification"))
    alike = [Client(modest, "search", 8), Client(greedy, "classification", 8)]
    peak = serve_load(server, alike, SECONDS, cores[1]).goodput
    clients = [
        Client(modest, "search", UNDER_WAY_MAX, peak * MODEST),
        Client(greedy, "classification", UNDER_WAY_MAX, peak * (OVERLOAD - MODEST)),
    ]
    served = serve_load(server, clients, SECONDS, cores[1]).good["search"] / (peak * MODEST)
    figures.record(
        f"(not promised) {OVERLOAD}× overload by one client: how much is served of what another "
        f"asks, {MODEST:.0%} of the peak",
        f"{served:.0%}; the rest is refused with RESOURCE_EXHAUSTED",
    )
    assert served >= SERVED_MIN
