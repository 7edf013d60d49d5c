"""Documents whose results are not finite, among thousands of valid ones."""

from __future__ import annotations

from pathlib import Path

from harness.poison import poison, poison_among_calls

COUNT = 3_000
AT_ONCE = 30


def test_poison(start_server, figures, golden_variants: Path, tmp_path: Path):
    model = poison(golden_variants / "bert-safetensors", tmp_path / "model")
    server = start_server("--threads", "1", "--cache-bytes", "0", model=model)
    failed = poison_among_calls(server, COUNT, AT_ONCE)
    figures.record(
        "a poison document fails alone: INTERNAL with an id that the log has, other calls of its "
        "batches bit-equal",
        f"{failed:,} poisoned calls failed; {COUNT - failed:,} beside them answered, all bit-equal",
    )
    assert failed == COUNT // 3
