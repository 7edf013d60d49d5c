"""The 147 cases of h2spec --strict, in clear text and over TLS."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

CASES = 147
#: Each case with its frames at once and one by one, in clear text and over TLS.
WAYS = 4

TESTS = Path(__file__).resolve().parents[1] / "EndToEnd/test_http2_conformance.py"


def test_conformance(scimult, figures):
    command = [sys.executable, "-m", "pytest", "-q", str(TESTS), "-k", "at_once or one_by_one"]
    ended = subprocess.run(
        command,
        env={**os.environ, "SCIMULT_BIN": str(scimult)},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    passed = re.search(r"(\d+) passed", ended.stdout)
    assert passed, ended.stdout
    figures.record(
        f"h2spec's {CASES} cases in clear text and over TLS",
        f"{passed[1]} of {CASES * WAYS} passed: each case in clear text and over TLS, its frames "
        "at once and one by one",
    )
    assert ended.returncode == 0, ended.stdout
    assert int(passed[1]) == CASES * WAYS
