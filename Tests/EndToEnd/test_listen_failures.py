"""Why the server cannot listen, or read its certificates and tokens: one line with the option."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from harness.certificates import Authority

HOST_OF_NOBODY = "203.0.113.5"


@pytest.fixture
def serve(command, tiny_expert):
    """Runs a server that cannot start and returns the line with the reason."""

    def serve(*options: str | Path, code: int = 1, **further) -> str:
        addresses = ["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]
        ended = command("serve", "--model", tiny_expert, *addresses, *options, **further)
        # The log's lines begin with the time, before the program's name.
        return next(line for line in ended.fail(code).splitlines() if "scimult:" not in line[20:])

    return serve


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("no-such-host.invalid:0", ["not known"]),
        (f"{HOST_OF_NOBODY}:0", ["no such address", "* for all"]),
    ],
)
@pytest.mark.parametrize("option", ["--listen", "--admin"])
def test_addresses(serve, option, address, words):
    line = serve(option, address)
    assert line.startswith(f"scimult: {option} {address}: ")
    for word in words:
        assert word in line


@pytest.mark.parametrize("option", ["--listen", "--admin"])
@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("127.0.0.1:65536", ["65536", "0 … 65535"]),
        ("::1:50051", ["[::1]:50051"]),
        ("", ["ADDRESS"]),
        *(
            (address, ["HOST:PORT"])
            for address in ["localhost", "127.0.0.1", "127.0.0.1:", "unix:"]
        ),
        ("127.0.0.1:-1", ["-1", "HOST:PORT"]),
        ("127.0.0.1:http", ["http", "HOST:PORT"]),
        ("*.example.org:1", ["*:1"]),
    ],
)
def test_what_is_no_address(serve, option, address, words):
    line = serve(f"{option}={address}", code=2)
    for word in [option, address, *words]:
        assert word in line


def test_socket_files(serve, tmp_path):
    file = tmp_path / "file"
    file.write_text("of somebody")
    for path, reason in [
        (tmp_path, "a folder at the path and no socket"),
        (file, "a file at the path and no socket"),
        (tmp_path / "none/x.sock", f"{tmp_path}/none does not exist; make it"),
        (file / "x.sock", f"{file} is no folder"),
    ]:
        line = serve("--listen", f"unix:{path}")
        assert line.startswith(f"scimult: --listen unix:{path}: ")
        assert reason in line
    assert file.read_text() == "of somebody"


def test_a_path_that_is_too_long(serve):
    line = serve("--listen", "unix:/tmp/" + 101 * "x", code=2)
    assert "106 bytes" in line
    assert "103" in line


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("unix:/x.sock", ["Permission denied", "write to /"]),
        ("127.0.0.1:1", ["Permission denied", "below 1024", "CAP_NET_BIND_SERVICE"]),
    ],
)
def test_what_a_user_may_not(serve, other_user, address, words):
    if "127" in address and Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text() != (
        "1024\n"
    ):
        pytest.skip("every user may have every port here")
    line = serve("--listen", address, launcher=other_user)
    for word in words:
        assert word in line


@pytest.mark.parametrize("option", ["--tls-cert", "--tls-key", "--tls-client-ca"])
def test_files_of_tls(serve, tmp_path, option):
    authority = Authority(tmp_path)
    identity = authority.issue("server")
    text = tmp_path / "text.pem"
    text.write_text("hello")
    good = {"--tls-cert": identity.certificate, "--tls-key": identity.key}

    def line(path: Path) -> str:
        options = {**good, option: path}
        return serve(*[word for pair in options.items() for word in pair])

    missing = tmp_path / "none.pem"
    assert line(missing) == f"scimult: {option} {missing}: the file does not exist"
    assert line(tmp_path) == f"scimult: {option} {tmp_path}: is a folder; name the file in it"
    content = "private key" if option == "--tls-key" else "certificate"
    assert f"{text} holds no {content}" in line(text)


def test_files_of_tokens(serve, tmp_path):
    missing = tmp_path / "none"
    line = serve("--auth-token-file", missing)
    assert line == f"scimult: --auth-token-file {missing}: the file does not exist"
    assert "is a folder" in serve("--auth-token-file", tmp_path)


def test_a_file_that_may_not_be_read(serve, other_user, tmp_path):
    secret = tmp_path / "tokens"
    secret.write_text("secret\n")
    secret.chmod(0)
    for folder in (tmp_path, *tmp_path.parents):
        if not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode | 0o111)
    line = serve("--auth-token-file", secret, launcher=other_user)
    assert line == f"scimult: --auth-token-file {secret}: Permission denied"


def test_sighup_without_files(start_server):
    server = start_server()
    server.signal(signal.SIGHUP)
    server.wait_for_log("nothing is read again")
    server.stop()


@pytest.mark.parametrize("number", [signal.SIGABRT, signal.SIGQUIT])
def test_signals_that_end_a_process_do(start_server, number):
    """With and without Swift's backtracer on the machine."""
    server = start_server()
    server.signal(number)
    assert server.wait() == -number
