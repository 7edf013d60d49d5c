"""Fixtures: the executable, the models, and servers that several tests share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import grpc
import pytest

from .certificates import Authority, tls_options
from .command import Command
from .server import ServerProcess
from .texts import ExpectedRow, expected_rows

REPOSITORY = Path(__file__).resolve().parents[3]

StartServer = Callable[..., ServerProcess]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--restarts",
        type=int,
        default=10,
        help="how often servers are stopped under load",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "measures_memory: bounds the memory of a server; a sanitizer keeps what was freed",
    )
    config.addinivalue_line(
        "markers", "preloads: loads a library before the server's own; a sanitizer must be first"
    )


@pytest.fixture(scope="session")
def restarts(request: pytest.FixtureRequest) -> int:
    """How often servers are stopped under load."""
    return int(request.config.getoption("--restarts"))


@pytest.fixture(scope="session")
def scimult() -> Path:
    """The executable: SCIMULT_BIN, or the result of `make build`."""
    path = Path(os.environ.get("SCIMULT_BIN", REPOSITORY / ".build/release/scimult")).resolve()
    if not path.is_file():
        pytest.fail(f"{path} does not exist: run `make build`, or set SCIMULT_BIN")
    return path


@pytest.fixture(scope="session")
def tiny_expert() -> Path:
    """A random Expert checkpoint: hidden 64, 4 layers, task-specific attention in 1 and 3."""
    return REPOSITORY / "Tests/Fixtures/tiny-expert"


@pytest.fixture(scope="session")
def golden_variants() -> Path:
    """A folder of small models, one for each architecture and layout that loads."""
    return REPOSITORY / "Tests/Golden/variants"


@pytest.fixture(scope="session")
def specter2(golden_variants: Path) -> Path:
    """A model of the adapters library: hidden 32, 2 layers, SPECTER2's four adapters."""
    return golden_variants / "specter2"


@pytest.fixture(scope="session")
def expected(tiny_expert: Path) -> list[ExpectedRow]:
    """The original code's results for the tiny expert."""
    return expected_rows(tiny_expert)


@pytest.fixture(scope="session")
def command(scimult: Path) -> Command:
    """Runs `scimult` commands."""
    return Command(scimult)


@pytest.fixture(scope="session")
def other_user(command: Command) -> list[str]:
    """The start of a command that runs the rest of it as a user without privileges."""
    if os.geteuid() != 0:
        pytest.skip("another user takes root")
    user = ["setpriv", "--reuid=54321", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"]
    if command("--version", launcher=[*user, "env"]).code != 0:
        pytest.skip("another user cannot run the binary where it is")
    return user


@pytest.fixture
def start_server(scimult: Path, tiny_expert: Path) -> Iterator[StartServer]:
    """Starts servers on free ports. Servers that still run after the test must stop cleanly."""
    servers: list[ServerProcess] = []

    def start(
        *arguments: str | Path,
        model: Path = tiny_expert,
        listen: str | None = "127.0.0.1:0",
        admin: str | None = "127.0.0.1:0",
        environment: dict[str, str] | None = None,
        launcher: Sequence[str] = (),
        log: int | None = None,
    ) -> ServerProcess:
        addresses = [
            *(["--listen", listen] if listen else []),
            *(["--admin", admin] if admin else []),
        ]
        server = ServerProcess(
            scimult,
            ["--model", str(model), *addresses, *map(str, arguments)],
            environment,
            launcher,
            log,
        )
        servers.append(server)
        return server

    yield start
    for server in servers:
        if server.process.poll() is None:
            server.stop()


@pytest.fixture(scope="session")
def server(scimult: Path, tiny_expert: Path) -> Iterator[ServerProcess]:
    """One server of the tiny expert in fp32, shared by tests that only send requests."""
    addresses = ["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]
    server = ServerProcess(
        scimult, ["--model", str(tiny_expert), "--precision", "fp32", *addresses]
    )
    yield server
    server.stop()


@pytest.fixture(scope="session")
def specter2_server(scimult: Path, specter2: Path) -> Iterator[ServerProcess]:
    """One server of SPECTER2's adapters in fp32, shared by tests that only send requests."""
    addresses = ["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]
    server = ServerProcess(scimult, ["--model", str(specter2), "--precision", "fp32", *addresses])
    yield server
    server.stop()


@pytest.fixture(scope="session")
def tls_server(
    scimult: Path, tiny_expert: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[ServerProcess, Authority]]:
    """One server with TLS, shared by tests that only send requests, and its authority."""
    authority = Authority(tmp_path_factory.mktemp("tls"))
    addresses = ["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]
    options = map(str, tls_options(authority.issue("server")))
    server = ServerProcess(scimult, ["--model", str(tiny_expert), *addresses, *options])
    yield server, authority
    server.stop()


@pytest.fixture
def channel(server: ServerProcess) -> Iterator[grpc.Channel]:
    """A connection to the shared server."""
    with server.channel() as channel:
        yield channel
