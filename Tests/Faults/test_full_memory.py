"""A server in a control group is not killed for memory, even if clients fill all limits."""

from __future__ import annotations

import pytest

from harness import control_group
from harness.calls import encode
from harness.filling import REQUEST, fill

MIB = 1 << 20
LIMIT = 256 * MIB
ROUNDS = 3


def test_memory_limit(start_server, figures):
    try:
        with control_group.real(memory=LIMIT) as launcher:
            server = start_server("--threads", "1", launcher=launcher)
            for _ in range(ROUNDS):
                connections = fill(server)
                assert server.process.poll() is None, "killed for memory"
                for connection in connections:
                    connection.close()
                with server.channel() as channel:
                    response = encode(channel, REQUEST, wait_for_ready=True)
                    assert len(response.embeddings) == len(REQUEST.documents)
            peak = server.memory_peak_bytes()
            server.stop()
    except control_group.NoControlGroup as reason:
        pytest.skip(str(reason))
    figures.record(
        f"a memory limit of {LIMIT // MIB} MiB, all that clients can fill filled at once: never "
        "killed",
        f"{ROUNDS} times filled and emptied; resident at the most {peak // MIB} MiB",
    )
    assert peak < LIMIT
