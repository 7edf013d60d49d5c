"""Each attack by frames ends its connection, costs no memory, and delays no other client."""

from __future__ import annotations

from collections import Counter

import pytest

from harness.attacks import ATTACKS, header_bomb, streams
from harness.frames import goaway, settings
from harness.metrics import Metrics
from harness.raw_http2 import PREFACE
from hostile import hostile
from neighbour import RATIO_MAX, beside

GROWTH_BYTES_MAX = 32 << 20

#: The server answers these without closing the connection; the client closes it.
HEADER_BOMBS = "header bombs"

OCTETS = {name: PREFACE + settings() + attack.octets() for name, attack in ATTACKS.items()}
OCTETS[HEADER_BOMBS] = (
    PREFACE + settings() + b"".join(header_bomb(stream) for stream in streams(50)) + goaway(0)
)

REASONS = {name: attack.reason for name, attack in ATTACKS.items()}
REASONS[HEADER_BOMBS] = "headers_too_large"


@pytest.mark.parametrize("name", OCTETS)
def test_attack(start_server, figures, tmp_path, name):
    server = start_server("--cache-bytes", "0")
    file = tmp_path / "octets"
    file.write_bytes(OCTETS[name])
    closed: list[int] = []
    with hostile("attacker.py", server, file, findings=closed):
        pass
    server.reset_memory_peak()
    before = server.memory_bytes()
    best = beside(server, lambda: hostile("attacker.py", server, file, findings=closed))
    growth = server.memory_peak_bytes() - before
    refused = Counter(Metrics.of(server).series("scimult_refusals_total"))[REASONS[name],]
    figures.record(
        f"{name}: each connection ends, growth under 32 MiB, an innocent client's p99 doubles "
        "at most",
        f"{sum(closed)} of {sum(closed)} ended; {growth / (1 << 20):.1f} MiB; "
        f"p99 × {best.ratio:.2f} ({best.alone_ms:.1f} to {best.beside_ms:.1f} ms)",
        f"make fault FAULTS='test_attacks and {name.split()[-1]}'",
    )
    assert sum(closed) > 0
    assert refused >= sum(closed)
    assert growth < GROWTH_BYTES_MAX
    assert best.ratio <= RATIO_MAX
