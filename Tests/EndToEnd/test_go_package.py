"""The Go client: its own tests, against real servers."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]

#: The first build compiles grpc-go.
SECONDS_MAX = 600


def go(*arguments: str, **environment: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["scripts/go_offline.sh", "clients/go", *arguments],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        env={**os.environ, **environment},
        check=False,
    )


def test_its_tests_pass(scimult, tiny_expert):
    # Debian's grpc-go retries only if configured to; later versions always do.
    ran = go(
        *("test", "-json", "./..."),
        SCIMULT_BIN=scimult,
        SCIMULT_MODEL=tiny_expert,
        SCIMULT_DOCUMENTS=REPOSITORY / "Tests/Documents/vectors.json",
        GRPC_GO_RETRY="on",
    )
    events = [json.loads(line) for line in ran.stdout.splitlines()]
    output = "".join(event.get("Output", "") for event in events)
    assert ran.returncode == 0, output + ran.stderr
    tests = {event["Test"]: event["Action"] for event in events if "Test" in event}
    assert len(tests) > 15
    assert set(tests.values()) == {"pass"}, output


def test_vet_finds_nothing():
    vetted = go("vet", "./...")
    assert vetted.returncode == 0, vetted.stderr
