"""A container's memory limits the server: it refuses what cannot fit, and completes the rest."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from harness import control_group
from harness.calls import encode
from harness.filling import REQUEST, fill
from harness.http2 import Http2Connection
from scimult._generated import scimult_pb2 as pb

MIB = 1 << 20

#: Limits that a test can reach.
SMALL = [
    *("--threads", "1", "--max-queue-tokens", "16384", "--max-batch-tokens", "4096"),
    *("--max-message-bytes", f"{MIB}", "--max-receive-bytes", f"{64 * MIB}"),
    *("--max-send-bytes", f"{64 * MIB}", "--cache-bytes", f"{4 * MIB}"),
    *("--max-connections", "100"),
]


def refusal(command, root, limit: int, model, *arguments: str) -> str:
    environment = control_group.made_up(root, memory=limit)
    addresses = ("--listen", "127.0.0.1:0", "--admin", "off")
    outcome = command("serve", "--model", model, *addresses, *arguments, environment=environment)
    return outcome.fail_in_one_line(1)


def sum_of(refused: str) -> int:
    """Returns the sum in a refusal, in MiB, which must equal its parts."""
    total = re.search(r"need (\d+) MiB", refused)
    assert total is not None, refused
    parts = re.findall(r"(\d+) [a-z ]+ \(--", refused)
    assert sum(map(int, parts)) == int(total[1])
    return int(total[1])


def memory_line(server) -> dict[str, str]:
    lines = [json.loads(line) for line in server.stderr.splitlines()]
    (line,) = (line for line in lines if line["message"] == "memory")
    return line


def test_refused_with_the_sum_and_the_options(command, tmp_path, tiny_expert):
    line = refusal(command, tmp_path, 64 * MIB, tiny_expert, "--max-receive-bytes", f"{100 * MIB}")
    assert sum_of(line) > 200
    assert "64 MiB" in line
    assert "200 unfinished messages (--max-receive-bytes)" in line
    for option in ("--threads", "--max-queue-tokens", "--cache-bytes", "--max-connections"):
        assert option in line


def test_refused_by_the_limit_of_the_kernel(command, tiny_expert):
    try:
        with control_group.real(memory=70 * MIB) as launcher:
            outcome = command("serve", "--model", tiny_expert, launcher=launcher)
            assert "has 70 MiB" in outcome.fail_in_one_line(1)
    except control_group.NoControlGroup as reason:
        pytest.skip(str(reason))


def test_refused_before_the_weights_are_read(command, tmp_path, tiny_expert):
    model = tmp_path / "model"
    shutil.copytree(tiny_expert, model)
    weights = model / "scimult.ckpt"
    content = bytearray(weights.read_bytes())
    content[len(content) // 2] ^= 0xFF
    weights.write_bytes(content)
    assert "scimult.ckpt" in command(
        *("serve", "--model", model, "--admin", "off", "--listen", "127.0.0.1:0")
    ).fail_in_one_line(1)
    assert "MiB" in refusal(command, tmp_path, 64 * MIB, model)


def test_defaults_give_way(start_server, tmp_path):
    environment = control_group.made_up(tmp_path, memory=512 * MIB)
    given = ("--max-send-bytes", f"{50 * MIB}", "--threads", "2")
    server = start_server("--log-format", "json", *given, environment=environment)
    with server.channel() as channel:
        request = pb.EncodeRequest(task=pb.TASK_SEARCH, documents=[pb.Document(text="a")])
        assert len(encode(channel, request).embeddings) == 1
    server.stop()
    line = memory_line(server)
    assert int(line["limit-mib"]) == 512
    assert 500 <= int(line["may-need-mib"]) <= 512
    assert int(line["max-send-bytes"]) == 50 * MIB
    assert 4 * MIB < int(line["max-receive-bytes"]) < 256 * MIB
    assert 0 < int(line["cache-bytes"]) < 64 * MIB
    assert 16 < int(line["max-connections"]) < 4096


def test_defaults_hold_where_there_is_room(start_server, tmp_path):
    environment = control_group.made_up(tmp_path, memory=4096 * MIB)
    server = start_server("--log-format", "json", "--threads", "2", environment=environment)
    server.stop()
    line = memory_line(server)
    assert int(line["max-receive-bytes"]) == int(line["max-send-bytes"]) == 256 * MIB
    assert int(line["max-connections"]) == 4096


def test_lowered_bound_is_the_one_that_holds(start_server, tmp_path):
    environment = control_group.made_up(tmp_path, memory=200 * MIB)
    server = start_server("--log-format", "json", "--threads", "1", environment=environment)
    limit = int(memory_line(server)["max-connections"])
    assert 16 <= limit < 200
    connections = [Http2Connection(server) for _ in range(limit)]
    for connection in connections:
        connection.ping()
        assert not connection.closed
    with Http2Connection(server) as late:
        late.read_until_closed()
    for connection in connections:
        connection.close()


@pytest.mark.measures_memory
def test_no_load_takes_more_than_the_sum(start_server, command, tmp_path, tiny_expert):
    limit = sum_of(refusal(command, tmp_path, MIB, tiny_expert, *SMALL)) * MIB
    try:
        with control_group.real(memory=limit) as launcher:
            server = start_server(*SMALL, launcher=launcher)
            connections = fill(server)
            assert server.process.poll() is None, "killed for memory"
            assert server.memory_bytes() > limit / 3, "what fills the bounds also takes memory"
            for connection in connections:
                connection.close()
            with server.channel() as channel:
                response = encode(channel, REQUEST, wait_for_ready=True)
                assert len(response.embeddings) == 300
            server.stop()
    except control_group.NoControlGroup as reason:
        pytest.skip(str(reason))
