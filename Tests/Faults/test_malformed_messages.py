"""Ten thousand malformed messages do not change answers to other clients."""

from __future__ import annotations

from collections import Counter

from harness.calls import call
from harness.malformed import GOOD, REFUSALS, message, outcome

COUNT = 10_000
#: One valid call after each of this many.
CHECK_EVERY = 100


def test_malformed_messages(start_server, figures):
    server = start_server("--cache-bytes", "0", "--log-level", "error")
    outcomes = Counter()
    with server.channel() as channel:
        expected = call(channel, "Encode", GOOD)
        for seed in range(COUNT):
            outcomes[outcome(channel, *message(seed))] += 1
            if seed % CHECK_EVERY == 0:
                assert call(channel, "Encode", GOOD) == expected, f"after message {seed}"
        assert call(channel, "Encode", GOOD) == expected
    figures.record(
        f"{COUNT:,} malformed messages: no crash, no hang, the next good answer bit-equal",
        ", ".join(f"{count:,} {code.name}" for code, count in outcomes.most_common())
        + f"; {COUNT // CHECK_EVERY + 1} good answers between them, all bit-equal",
    )
    assert set(outcomes) <= REFUSALS
