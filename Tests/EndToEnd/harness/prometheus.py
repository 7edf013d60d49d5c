"""Prometheus: its check of metrics, and an instance that scrapes the server."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import pytest

TOOLS = Path(__file__).resolve().parents[3] / ".tools"
WAIT_SECONDS_MAX = 60

Found = TypeVar("Found")

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_LISTENING = re.compile(r'msg="Listening on" address=(\S+)')


def _program(name: str) -> str:
    """Returns the path of a program in PATH, or of the one that `make setup` fetched."""
    path = shutil.which(name) or shutil.which(name, path=TOOLS)
    if path is None:
        pytest.fail(f"{name} is not there: run `make setup`")
    return path


def check_metrics(text: str) -> subprocess.CompletedProcess[str]:
    """Runs `promtool check metrics` on a text."""
    return subprocess.run(
        [_program("promtool"), "check", "metrics"],
        input=text,
        capture_output=True,
        text=True,
        timeout=WAIT_SECONDS_MAX,
        check=False,
    )


class Prometheus:
    """A Prometheus that scrapes one target, on a free port of loopback, with temporary data."""

    def __init__(
        self,
        target: str,
        folder: Path,
        *,
        labels: Mapping[str, str] | None = None,
        rules: Sequence[Path] = (),
    ) -> None:
        """Scrapes a target, adds labels to its series, and evaluates files of rules."""
        targets = {"targets": [target], "labels": dict(labels or {})}
        config = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "scrape_configs": [{"job_name": "scimult", "static_configs": [targets]}],
            "rule_files": [str(path) for path in rules],
        }
        # JSON is valid YAML.
        (folder / "prometheus.yml").write_text(json.dumps(config))
        self._log = folder / "prometheus.log"
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [
                    _program("prometheus"),
                    f"--config.file={folder / 'prometheus.yml'}",
                    f"--storage.tsdb.path={folder / 'data'}",
                    "--web.listen-address=127.0.0.1:0",
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._address = ""

    def __enter__(self) -> Prometheus:
        self._address = self._wait_for(self._announced_address)
        self._wait_for(self._is_ready)
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.wait(WAIT_SECONDS_MAX)

    def wait_for_scrape(self) -> dict[str, Any]:
        """Waits until the target has been scraped, successfully or not; returns its state."""
        return self._wait_for(self._scraped_target)

    def query(self, expression: str) -> list[dict[str, Any]]:
        """Returns the current series of an expression, each with its labels and its value."""
        result: list[dict[str, Any]] = self.get("query", query=expression)["result"]
        return result

    def get(self, path: str, **parameters: str) -> Any:
        """Returns the data in a response of the HTTP API."""
        url = f"http://{self._address}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        with _OPENER.open(url, timeout=WAIT_SECONDS_MAX) as response:
            return json.load(response)["data"]

    def _announced_address(self) -> str | None:
        listening = _LISTENING.search(self._log.read_text())
        return listening[1] if listening else None

    def _is_ready(self) -> bool:
        try:
            with _OPENER.open(f"http://{self._address}/-/ready", timeout=WAIT_SECONDS_MAX):
                return True
        except urllib.error.HTTPError:
            return False

    def _scraped_target(self) -> dict[str, Any] | None:
        targets = self.get("targets")["activeTargets"]
        return next((target for target in targets if target["health"] != "unknown"), None)

    def _wait_for(self, look: Callable[[], Found | None]) -> Found:
        end = time.monotonic() + WAIT_SECONDS_MAX
        while time.monotonic() < end and self._process.poll() is None:
            if found := look():
                return found
            time.sleep(0.05)
        self._process.kill()
        self._process.wait()
        raise AssertionError(f"Prometheus did not get there: {self._log.read_text()}")
