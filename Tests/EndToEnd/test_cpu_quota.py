"""A container's CPU quota determines the number of encoder threads."""

from __future__ import annotations

import json
import os

import pytest

from harness import control_group

CORES = len(os.sched_getaffinity(0))


def threads_of(server) -> int:
    lines = [json.loads(line) for line in server.stderr.splitlines()]
    (serving,) = (line for line in lines if line["message"] == "serving")
    return int(serving["threads"])


@pytest.mark.parametrize(
    ("cpus", "threads"), [(0.3, 1), (1.0, 1), (1.2, min(2, CORES)), (4096.0, CORES)]
)
def test_quota_is_rounded_up(start_server, tmp_path, cpus, threads):
    environment = control_group.made_up(tmp_path, cpus=cpus)
    server = start_server("--log-format", "json", environment=environment)
    server.stop()
    assert threads_of(server) == threads


def test_option_wins(start_server, tmp_path):
    environment = control_group.made_up(tmp_path, cpus=1.0)
    server = start_server("--log-format", "json", "--threads", "3", environment=environment)
    server.stop()
    assert threads_of(server) == 3


def test_quota_of_the_kernel(start_server):
    try:
        with control_group.real(cpus=1.0) as launcher:
            server = start_server("--log-format", "json", launcher=launcher)
            server.stop()
            assert threads_of(server) == 1
    except control_group.NoControlGroup as reason:
        pytest.skip(str(reason))
