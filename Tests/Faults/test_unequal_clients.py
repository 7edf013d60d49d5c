"""A client that demands far too much does not affect one that demands less than its share."""

from __future__ import annotations

from load import UNDER_WAY_MAX, Client, body, serve_load
from test_fourfold_load import OVERLOAD, QUEUE_TOKENS, REQUEST

SECONDS = 15

#: The fraction of the peak; this client's fair share is half of it.
MODEST = 0.25
SERVED_MIN = 0.8


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
        f"{OVERLOAD}× overload by one client: another, that asks for {MODEST:.0%} of the peak, is "
        f"served at least {SERVED_MIN:.0%} of it",
        f"{served:.0%}",
    )
    assert served >= SERVED_MIN
