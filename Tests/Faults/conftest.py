"""Records the measurements of each promise, prints them and writes them to files."""

from __future__ import annotations

import datetime
import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from figures import Figures

pytest_plugins = ["harness.fixtures"]

REPOSITORY = Path(__file__).resolve().parents[2]

FIGURES = pytest.StashKey[Figures]()
PASSED = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--minutes", type=float, default=30, help="how long the soak takes")
    parser.addoption(
        "--update-docs",
        action="store_true",
        help="write the figures, with today's date, into docs/reliability.md",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[FIGURES] = Figures(datetime.date.today())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        # A test that is expected to fail may pass by chance.
        item.stash[PASSED] = report.passed and not hasattr(report, "wasxfail")
    return report


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    figures = config.stash[FIGURES]
    if not figures.rows:
        return
    figures.write(REPOSITORY / ".build/faults.json")
    if config.getoption("--update-docs"):
        figures.update(REPOSITORY / "docs/reliability.md")
    terminalreporter.section("figures")
    for line in figures.lines():
        terminalreporter.write_line(line)


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Iterator[Figures]:
    """Takes a test's measurements."""
    figures = request.config.stash[FIGURES]
    figures.test = request.path.stem
    first = len(figures.rows)
    yield figures
    if not request.node.stash.get(PASSED, False):
        figures.fail(first)


@pytest.fixture
def minutes(request: pytest.FixtureRequest) -> float:
    """The duration of the soak test."""
    return float(request.config.getoption("--minutes"))


@pytest.fixture
def cores() -> list[str]:
    """One core for the server and one for the load."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        pytest.skip("two cores are needed: one for the server, one for its clients")
    return [f"{core}" for core in cores[:2]]
