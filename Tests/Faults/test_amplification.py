"""64 concurrent messages that would unpack to hundreds of megabytes are refused at little cost."""

from __future__ import annotations

from harness.bombs import BOMBS, allowed, outcomes
from harness.calls import get_model

AT_ONCE = 64
GROWTH_BYTES_MAX = 64 << 20


def test_amplification(start_server, figures):
    server = start_server("--log-level", "error")
    with server.channel() as channel:
        growths = []
        for method in ("Encode", "Rank"):
            for name, bomb in BOMBS.items():
                get_model(channel)
                server.reset_memory_peak()
                before = server.memory_bytes()
                assert outcomes(server, method, bomb, AT_ONCE) <= allowed(name)
                growths.append(server.memory_peak_bytes() - before)
        assert get_model(channel).name == "tiny-expert"
    figures.record(
        f"{AT_ONCE} amplification messages at once: all refused, peak growth under 64 MiB",
        f"{len(growths)} kinds; growth {max(growths) / (1 << 20):.1f} MiB at the most",
    )
    assert max(growths) < GROWTH_BYTES_MAX
