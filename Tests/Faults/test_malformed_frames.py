"""Ten thousand malformed sequences of frames do not change answers to other clients."""

from __future__ import annotations

from harness.calls import call
from harness.malformed import GOOD, frame_sequence, send_and_hang_up

COUNT = 10_000
#: One valid call after each of this many.
CHECK_EVERY = 100


def test_malformed_frames(start_server, figures):
    server = start_server("--cache-bytes", "0", "--log-level", "error")
    with server.channel() as beside:
        expected = call(beside, "Encode", GOOD)
        for seed in range(COUNT):
            send_and_hang_up(server, frame_sequence(seed))
            if seed % CHECK_EVERY == 0:
                assert call(beside, "Encode", GOOD) == expected, f"after sequence {seed}"
    with server.channel() as later:
        assert call(later, "Encode", GOOD) == expected
    figures.record(
        f"{COUNT:,} malformed sequences of frames: no crash, no hang, the next good answer "
        "bit-equal",
        f"{COUNT:,} connections ended; {COUNT // CHECK_EVERY + 1} good answers between them, all "
        "bit-equal",
    )
