"""Alerts and the autoscaling metric, checked by promtool and by a real Prometheus."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

import chart
import promql
from busy_server import busy
from documented import DOCUMENT, command, file_with
from harness.calls import get_model
from harness.fixtures import StartServer
from harness.metrics import Metrics
from harness.prometheus import Prometheus
from harness.server import ServerProcess
from places import DEPLOY, REPOSITORY
from programs import TOOLS, need, run

ALERTS = DEPLOY / "prometheus/alerts.yaml"
TESTS = DEPLOY / "prometheus/alerts_test.yaml"
ADAPTER = DEPLOY / "prometheus/adapter.yaml"

#: Metrics that no server exports: Prometheus' own about a target, and the kubelet's about
#: containers.
FOREIGN = re.compile(r"up$|container_")

WAIT_SECONDS_MAX = 60
MESSAGE_BYTES_MAX = 65536

#: Replacements of an alert's expression that fire always or never.
ALWAYS, NEVER = "vector(1)", "vector(1) > 1"


def rules() -> dict[str, dict[str, Any]]:
    """Returns the rules by the names of their alerts."""
    groups = yaml.safe_load(ALERTS.read_text())["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


@pytest.fixture(scope="module")
def shown(server: ServerProcess) -> Metrics:
    """Returns a server's metrics after calls."""
    with server.channel() as channel:
        get_model(channel)
    return Metrics.of(server)


def promtool(*words: str | Path, codes: tuple[int, ...] = (0,)) -> str:
    return run(need("promtool"), *words, codes=codes)


def test_promtool_takes_the_rules() -> None:
    documented("promtool check rules")


def test_promtool_runs_the_tests_of_the_alerts() -> None:
    documented("promtool test rules")


def documented(beginning: str) -> None:
    """Runs a command of docs/deploy.md literally, in the repository's folder."""
    need("promtool")
    path = f"{TOOLS}:/usr/bin:/bin"
    run("bash", "-c", command(beginning), cwd=REPOSITORY, environment={"PATH": path})


def alerts_of(test: dict[str, Any]) -> set[str]:
    """Returns the alerts that a test checks."""
    return {expectation["alertname"] for expectation in test["alert_rule_test"]}


@pytest.mark.parametrize("alert", rules())
@pytest.mark.parametrize("expression", [ALWAYS, NEVER], ids=["always", "never"])
def test_each_alert_is_tested_both_ways(alert: str, expression: str, tmp_path: Path) -> None:
    """The tests fail if an alert always fires, and if it never fires."""
    groups = yaml.safe_load(ALERTS.read_text())
    for group in groups["groups"]:
        for rule in group["rules"]:
            if rule["alert"] == alert:
                rule.update(expr=expression, **{"for": "0s"})
    (tmp_path / "alerts.yaml").write_text(yaml.safe_dump(groups))
    tests = yaml.safe_load(TESTS.read_text())
    tests["tests"] = [test for test in tests["tests"] if alerts_of(test) == {alert}]
    (tmp_path / "alerts_test.yaml").write_text(yaml.safe_dump(tests))
    said = promtool("test", "rules", tmp_path / "alerts_test.yaml", codes=(1,))
    assert f"alertname: {alert}" in said


def test_alerts_read_only_metrics_that_the_server_shows(shown: Metrics) -> None:
    names = {name for name, _ in shown.samples}
    for alert, rule in rules().items():
        read = promql.metrics(rule["expr"])
        assert read, alert
        assert {name for name in read if not FOREIGN.match(name)} <= names, alert


def test_alerts_ask_only_for_reasons_that_the_server_gives(shown: Metrics) -> None:
    reasons = {reason for (reason,) in shown.series("scimult_refusals_total")}
    asked = [promql.asked_values(rule["expr"], "reason") for rule in rules().values()]
    assert set().union(*asked) <= reasons
    assert "queue_full" in set().union(*asked)


def test_alerts_ask_only_for_statuses_that_are_documented() -> None:
    documented_statuses = set(
        re.findall(r"^\| ([A-Z_]+) \|", (REPOSITORY / "docs/operations.md").read_text(), re.M)
    )
    asked = [promql.asked_values(rule["expr"], "status") for rule in rules().values()]
    assert set().union(*asked) <= documented_statuses
    assert "INTERNAL" in set().union(*asked)


def test_the_documented_configuration_is_taken(tmp_path: Path) -> None:
    configuration = file_with("scrape_configs:", "yaml")
    # The rules are in the folder of the next command.
    installed = command("install -D -m 0644 deploy/prometheus/alerts.yaml").split()[-1]
    assert installed in configuration
    config = tmp_path / "prometheus.yml"
    config.write_text(configuration.replace(installed, str(ALERTS)))
    promtool("check", "config", config)


def test_the_document_names_every_alert() -> None:
    assert set(re.findall(r"^\| `(Scimult\w+)` \|", DOCUMENT.read_text(), re.M)) == set(rules())


def wait_for(look: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + WAIT_SECONDS_MAX
    while time.monotonic() < end:
        if look():
            return
        time.sleep(0.2)
    raise AssertionError(f"{what}: not within {WAIT_SECONDS_MAX} s")


def states(prometheus: Prometheus) -> dict[str, str]:
    """Returns the state of each alert that has been evaluated."""
    groups = prometheus.get("rules")["groups"]
    evaluated = [rule for group in groups for rule in group["rules"] if rule["health"] == "ok"]
    return {rule["name"]: rule["state"] for rule in evaluated}


def test_no_alert_fires_for_a_server_that_is_well_and_one_does_when_it_dies(
    start_server: StartServer, tmp_path: Path
) -> None:
    """Errors caused by clients do not count, even in large numbers."""
    server = start_server("--max-message-bytes", MESSAGE_BYTES_MAX)
    assert server.admin is not None
    with Prometheus(server.admin, tmp_path, rules=[ALERTS]) as prometheus:
        with busy(server, MESSAGE_BYTES_MAX):
            wait_for(lambda: set(states(prometheus)) == set(rules()), "every rule is evaluated")
            wait_for(
                lambda: bool(prometheus.query("rate(scimult_requests_total[5s]) > 0")), "calls"
            )
            assert set(states(prometheus).values()) == {"inactive"}
        server.stop()
        wait_for(lambda: states(prometheus)["ScimultDown"] == "pending", "ScimultDown")


def adapter_query() -> tuple[str, str]:
    """Returns the adapter's name of its metric, and its query for one pod."""
    [rule] = yaml.safe_load(ADAPTER.read_text())["rules"]["custom"]
    series = rule["seriesQuery"].partition("{")[0]
    query = (
        rule["metricsQuery"]
        .replace("<<.Series>>", series)
        .replace("<<.LabelMatchers>>", 'namespace="papers",pod="scimult-0"')
        .replace("<<.GroupBy>>", "pod")
    )
    return rule["name"]["as"], query


def test_the_autoscaler_asks_for_the_adapter_s_metric() -> None:
    scaler = chart.of_kind("HorizontalPodAutoscaler", chart.MONITORING)
    [metric] = scaler["spec"]["metrics"]
    name, _ = adapter_query()
    assert metric["pods"]["metric"]["name"] == name


def test_the_adapter_has_a_number_for_a_pod_with_work_and_zero_without(
    start_server: StartServer, tmp_path: Path
) -> None:
    server = start_server("--max-message-bytes", MESSAGE_BYTES_MAX)
    assert server.admin is not None
    _, query = adapter_query()
    pod = {"namespace": "papers", "pod": "scimult-0"}

    def values(prometheus: Prometheus) -> list[float]:
        series = prometheus.query(query)
        assert all(entry["metric"] == {"pod": "scimult-0"} for entry in series)
        return [float(entry["value"][1]) for entry in series]

    with Prometheus(server.admin, tmp_path, labels=pod) as prometheus:
        wait_for(lambda: values(prometheus) == [0], "0 without work")
        with busy(server, MESSAGE_BYTES_MAX):
            wait_for(lambda: any(value > 0 for value in values(prometheus)), "a wait with work")
