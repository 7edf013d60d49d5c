"""The Python client as users install it: a wheel or an sdist, in a new environment."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

CLIENT = Path(__file__).resolve().parents[2] / "clients/python"

#: Packages are downloaded from an index.
INSTALL_SECONDS_MAX = 600

FIRST_CALL = """
import sys
import scimult

with scimult.Client(sys.argv[1]) as client:
    rows = client.encode(["graph neural networks"], task="search")
print(scimult.__file__, rows.shape, rows.dtype)
"""

#: A program that uses the client, for a type checker.
TYPED = """
import asyncio

from scimult import TLS, AsyncClient, Client, Encoded, Paper, ScimultError

with Client(["a:1", "b:1"], tls=TLS(ca="ca.pem"), token="t", priority="batch") as client:
    width: int = client.encode([Paper("a")], task="search", format="int8").shape[1]
    errors: list[Exception | None] = [
        row.error for row in client.encode_iter(["a"], task="search", on_error="yield")
    ]
    index: int = client.rank("q", ["a"], task="search")[0].index


async def main() -> list[Encoded]:
    async with AsyncClient("a:1") as client:
        await client.encode("a", task="classification")
        return [row async for row in client.encode_iter(["a"], task="search")]


asyncio.run(main())
try:
    Client("a:1", priority="urgent")  # type: ignore[arg-type]
except ScimultError as error:
    print(error.code)
"""


def run(*words: str | Path, cwd: Path) -> str:
    ended = subprocess.run(
        words, cwd=cwd, capture_output=True, text=True, timeout=INSTALL_SECONDS_MAX, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def packages(tmp_path_factory) -> Path:
    """A folder with the wheel and the sdist."""
    folder = tmp_path_factory.mktemp("dist")
    build = (sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, CLIENT)
    run(*build, cwd=folder)
    return folder


@pytest.fixture(scope="module", params=["*.whl", "*.tar.gz"], ids=["wheel", "sdist"])
def installed(request, packages, tmp_path_factory) -> Path:
    """An environment with only the package and its declared dependencies."""
    (package,) = packages.glob(request.param)
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    pip = (folder / "bin/python", "-m", "pip", "--disable-pip-version-check", "--quiet")
    run(*pip, "install", package, cwd=folder)
    return folder


def test_a_first_call(installed, server):
    printed = run(installed / "bin/python", "-I", "-c", FIRST_CALL, server.grpc, cwd=installed)
    assert printed.startswith(str(installed))
    assert printed.endswith("(1, 64) float32\n")


def test_its_command(installed, server):
    command = (installed / "bin/scimult-client", "model", "--server", server.grpc)
    assert "tiny-expert" in run(*command, cwd=installed)


def test_programs_that_use_it_are_type_checked(installed, tmp_path):
    program = tmp_path / "program.py"
    program.write_text(TYPED)
    mypy = (sys.executable, "-m", "mypy", "--strict", "--python-executable")
    run(*mypy, installed / "bin/python", program, cwd=tmp_path)


def test_what_the_packages_hold(packages):
    (wheel,) = packages.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"scimult/py.typed", "scimult/_generated/scimult_pb2.pyi"} <= names
    assert {name.split("/")[0].split("-")[0] for name in names} == {"scimult"}
    (sdist,) = packages.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md", "src/scimult/client.py"} <= held
