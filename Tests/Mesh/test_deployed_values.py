"""Values in deploy/ that depend on the server's defaults."""

from __future__ import annotations

import re

import pytest

from programs import REPOSITORY

#: The prefix of a gRPC message.
FRAME_BYTES = 5

DEPLOYED = ["envoy/envoy.yaml", "nginx/nginx.conf", "haproxy/haproxy.cfg"]


@pytest.fixture(scope="module")
def default(command):
    """Returns the default of a server option."""
    explained = " ".join(command("serve", "--help").stdout.split())

    def value(option: str) -> int:
        found = re.search(rf"{option} <.*?\(default: (\d+)\)", explained)
        assert found, f"--help does not name the default of {option}"
        return int(found[1])

    return value


def numbers(name: str, pattern: str) -> list[int]:
    """Returns the numbers in a deployed file."""
    found = re.findall(pattern, (REPOSITORY / "deploy" / name).read_text())
    assert found, f"{name} has no {pattern}"
    return [int(number) for number in found]


def test_the_proxy_ends_idle_connections_to_replicas_first(default):
    upstream = r"Shorter than --idle-seconds[^{]*\{idle_timeout: (\d+)s\}"
    idle = default("--idle-seconds")
    assert numbers("envoy/envoy.yaml", upstream)[0] < idle
    assert (
        numbers("nginx/nginx.conf", r"less long than --idle-seconds[^}]*?timeout (\d+)s")[0] < idle
    )


def test_the_largest_message_fits_where_envoy_keeps_it(default):
    kept = numbers("envoy/envoy.yaml", r"request_body_buffer_limit: (\d+)")
    assert kept[0] >= default("--max-message-bytes") + FRAME_BYTES


def test_connections_carry_as_many_streams_as_replicas_take(default):
    streams = default("--max-concurrent-streams")
    for name in DEPLOYED:
        assert numbers(name, r"max[_-]concurrent[_-]streams:? (\d+)") == [streams]


def test_replicas_drain_for_longer_than_a_proxy_needs_to_notice(default):
    checks = numbers("envoy/envoy.yaml", r"unhealthy_threshold: (\d+)")[0]
    seconds = numbers("envoy/envoy.yaml", r"\n +interval: (\d+)s\n +no_traffic")[0]
    assert checks * seconds < default("--drain-seconds")
