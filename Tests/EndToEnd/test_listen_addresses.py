"""Where `serve` listens, how the ready line reports it, and errors if it cannot."""

from __future__ import annotations

import re
import socket
import subprocess

import pytest

from harness.calls import get_model


def bound(family: socket.AddressFamily, host: str) -> socket.socket:
    """Returns a socket that is bound to a port."""
    holder = socket.socket(family)
    holder.bind((host, 0))
    holder.listen()
    return holder


def has_ipv6_loopback() -> bool:
    try:
        bound(socket.AF_INET6, "::1").close()
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not has_ipv6_loopback(), reason="no IPv6 loopback here")


def test_ready_line(start_server):
    server = start_server()
    pattern = r"ready grpc=127\.0\.0\.1:[1-9]\d* admin=127\.0\.0\.1:[1-9]\d*\n"
    assert re.fullmatch(pattern, server.ready_line)


@needs_ipv6
def test_ipv6(start_server):
    server = start_server(listen="[::1]:0", admin="[::1]:0")
    assert re.fullmatch(r"ready grpc=\[::1\]:\d+ admin=\[::1\]:\d+\n", server.ready_line)
    with server.channel() as channel:
        assert get_model(channel).name == "tiny-expert"


def test_unix_socket(start_server, tmp_path):
    path = tmp_path / "scimult.sock"
    server = start_server(listen=f"unix:{path}", admin="off")
    assert server.ready_line == f"ready grpc=unix:{path}\n"
    with server.channel() as channel:
        assert get_model(channel).name == "tiny-expert"
    server.stop()
    assert not path.exists()


def test_unix_socket_left_by_a_server_that_was_killed(start_server, tmp_path):
    path = tmp_path / "scimult.sock"
    start_server(listen=f"unix:{path}", admin="off").kill()
    assert path.exists()
    with start_server(listen=f"unix:{path}", admin="off").channel() as channel:
        assert get_model(channel).name == "tiny-expert"


def test_all_interfaces(start_server):
    server = start_server(listen="0.0.0.0:0")
    assert server.grpc.startswith("0.0.0.0:")
    with socket.create_connection(("127.0.0.1", server.port)):
        pass


def test_everywhere(start_server):
    """All addresses, of both families if both exist."""
    server = start_server(listen="*:0", admin="*:0")
    families = ["127.0.0.1", *(["::1"] if has_ipv6_loopback() else [])]
    assert server.host == ("::" if len(families) == 2 else "0.0.0.0")
    for address in families:
        for served in (server.grpc, server.admin):
            with socket.create_connection((address, int(served.rpartition(":")[2]))):
                pass


def test_everywhere_without_sockets_for_both_families(start_server):
    """All IPv4 addresses."""
    only_own_family = 'echo 1 > /proc/sys/net/ipv6/bindv6only && exec "$0" "$@"'
    launcher = ["unshare", "--net", "sh", "-c", only_own_family]
    if subprocess.run([*launcher, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("no network of its own, or no IPv6, can be had here")
    server = start_server(listen="*:0", admin="*:0", launcher=launcher)
    assert server.grpc.startswith("0.0.0.0:")
    assert server.admin.startswith("0.0.0.0:")


@pytest.mark.parametrize("option", ["--listen", "--admin"])
def test_address_in_use(command, tiny_expert, option):
    addresses = {"--listen": "127.0.0.1:0", "--admin": "127.0.0.1:0"}
    with bound(socket.AF_INET, "127.0.0.1") as holder:
        addresses[option] = f"127.0.0.1:{holder.getsockname()[1]}"
        outcome = command(
            "serve", "--model", tiny_expert, *[word for pair in addresses.items() for word in pair]
        )
    outcome.fail(1)
    lines = [line for line in outcome.stderr.splitlines() if addresses[option] in line]
    assert len(lines) == 1
    assert "in use" in lines[0]


def test_unix_socket_in_use(start_server, command, tiny_expert, tmp_path):
    path = tmp_path / "scimult.sock"
    first = start_server(listen=f"unix:{path}", admin="off")
    second = command("serve", "--model", tiny_expert, "--listen", f"unix:{path}", "--admin", "off")
    assert "in use" in second.fail(1)
    with first.channel() as channel:
        assert get_model(channel).name == "tiny-expert"
