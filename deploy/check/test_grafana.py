"""The dashboard: a Prometheus that has scraped a busy server answers every query."""

from __future__ import annotations

import copy
import json
import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import promql
from busy_server import busy
from grafana_schema import unknown_fields
from harness.fixtures import StartServer
from harness.metrics import Metrics
from harness.prometheus import Prometheus
from harness.server import ServerProcess
from places import DEPLOY

DASHBOARD = json.loads((DEPLOY / "grafana/scimult.json").read_text())

ANSWER_SECONDS_MAX = 60
MESSAGE_BYTES_MAX = 65536
GRID_COLUMNS = 24

#: The values that Grafana inserts for its variables.
VARIABLES = {
    "$__rate_interval": "10s",
    "$__interval": "10s",
    "$job": "scimult",
    "$instance": ".*",
}

#: Queries without a result if nothing is wrong, with the reasons.
EMPTY_BY_NATURE = {
    'changes(process_start_time_seconds{job="$job", instance=~"$instance"}[$__interval]) > 0': (
        "a mark at each restart, and the server has not restarted"
    ),
}


def panels() -> list[dict[str, Any]]:
    """Returns the panels, without the rows that group them."""
    return [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]


def queries() -> list[str]:
    """Returns every expression of the dashboard."""
    of_panels = [target["expr"] for panel in panels() for target in panel["targets"]]
    return of_panels + [note["expr"] for note in DASHBOARD["annotations"]["list"]]


def filled_in(query: str) -> str:
    for name, value in VARIABLES.items():
        query = query.replace(name, value)
    assert "$" not in query, f"a variable that Grafana does not know: {query}"
    return query


@pytest.fixture(scope="module")
def asked(
    scimult: Path, tiny_expert: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prometheus]:
    """A Prometheus that scrapes a server while the server handles calls of every kind."""
    addresses = ["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]
    limits = ["--max-message-bytes", str(MESSAGE_BYTES_MAX)]
    server = ServerProcess(scimult, ["--model", str(tiny_expert), *addresses, *limits])
    assert server.admin is not None
    folder = tmp_path_factory.mktemp("prometheus")
    with Prometheus(server.admin, folder) as prometheus, busy(server, MESSAGE_BYTES_MAX):
        yield prometheus
    server.stop()


def numbers(prometheus: Prometheus, query: str) -> list[float]:
    """Returns the numbers in a query's result."""
    values = [float(series["value"][1]) for series in prometheus.query(filled_in(query))]
    return [value for value in values if math.isfinite(value)]


@pytest.mark.parametrize("query", [query for query in queries() if query not in EMPTY_BY_NATURE])
def test_the_query_has_an_answer(query: str, asked: Prometheus) -> None:
    end = time.monotonic() + ANSWER_SECONDS_MAX
    while not numbers(asked, query):
        assert time.monotonic() < end, f"no number for {filled_in(query)}"
        time.sleep(0.5)


@pytest.mark.parametrize("query", EMPTY_BY_NATURE)
def test_what_is_empty_by_nature_is_of_the_dashboard_and_is_understood(
    query: str, asked: Prometheus
) -> None:
    assert query in queries()
    assert numbers(asked, query) == []


def test_a_query_of_a_metric_that_is_not_there_has_no_answer(asked: Prometheus) -> None:
    """The other tests can tell a correct query from an incorrect one."""
    assert numbers(asked, "rate(scimult_request_total[$__rate_interval])") == []


def test_the_variables_have_values(asked: Prometheus) -> None:
    for variable in DASHBOARD["templating"]["list"]:
        if variable["type"] == "query":
            series = variable["query"]["query"].removeprefix("label_values(").rpartition(",")[0]
            assert asked.query(filled_in(series)), variable["name"]


def test_grafana_knows_every_field() -> None:
    # The field that annotations from Prometheus have in addition to the fields of other sources.
    assert unknown_fields(DASHBOARD) == {".annotations.list[0].titleFormat"}


@pytest.mark.parametrize("path", ["", "options.tooltip", "fieldConfig.defaults.custom"])
def test_a_field_that_grafana_does_not_know_is_seen(path: str) -> None:
    dashboard = copy.deepcopy(DASHBOARD)
    panel = next(panel for panel in dashboard["panels"] if panel["type"] == "timeseries")
    place = panel
    for key in path.split(".") if path else []:
        place = place[key]
    place["colour"] = "green"
    assert any(field.endswith(".colour") for field in unknown_fields(dashboard))


def test_every_metric_of_the_server_is_on_the_dashboard(start_server: StartServer) -> None:
    shown = {
        family.name + ("_total" if family.type == "counter" else "")
        for family in Metrics.of(start_server()).families
    }
    read = set().union(*(promql.metrics(query) for query in queries())) - {"up"}
    histograms = ("_bucket", "_sum", "_count")
    families = {
        next((name.removesuffix(end) for end in histograms if name.endswith(end)), name)
        for name in read
    }
    assert families == shown


def test_panels_lie_side_by_side_and_each_says_what_it_asks() -> None:
    taken: set[tuple[int, int]] = set()
    identifiers = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(identifiers)) == len(identifiers)
    for panel in DASHBOARD["panels"]:
        grid = panel["gridPos"]
        columns = range(grid["x"], grid["x"] + grid["w"])
        cells = {(x, y) for x in columns for y in range(grid["y"], grid["y"] + grid["h"])}
        assert columns.stop <= GRID_COLUMNS and not cells & taken, panel["title"]
        taken |= cells
    for panel in panels():
        assert panel["title"] and panel["targets"]
        assert panel["datasource"]["uid"] == "${datasource}"
        references = [target["refId"] for target in panel["targets"]]
        assert len(set(references)) == len(references)
