"""The chart: Helm's own lint, values with their schema, and the committed manifests."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import helm_python
import pytest
import yaml

import chart
from documented import command, commands, file_with
from harness.certificates import Authority
from places import DEPLOY, REPOSITORY
from programs import need, run


def arguments(values: dict[str, Any]) -> list[str]:
    """Returns the server's arguments."""
    pod = chart.of_kind("Deployment", values)["spec"]["template"]["spec"]
    return [str(word) for word in pod["containers"][0]["args"]]


def test_helm_finds_nothing_to_say() -> None:
    report = helm_python.lint(chart.CHART, strict=True)
    complaints = [entry["error"] for entry in report["messages"] if entry["severity"] > 1]
    assert (report["errors"], complaints) == ([], [])


def test_the_manifests_are_what_the_chart_gives() -> None:
    kept = {path: path.read_text() for path in chart.KUBERNETES.rglob("*.yaml")}
    assert kept == chart.kept(), "run: .venv-deploy/bin/python deploy/check/chart.py"


def test_the_chart_is_of_the_version_of_the_changelog() -> None:
    changelog = (REPOSITORY / "CHANGELOG.md").read_text()
    latest = re.search(r"^## (\S+)$", changelog, re.MULTILINE)
    assert latest
    with helm_python.Chart.load(chart.CHART) as loaded:
        assert loaded.metadata["appVersion"] == latest[1]


@pytest.mark.parametrize(
    "values",
    [
        {"replica": 3},
        {"image": {"name": "scimult"}},
        {"model": {"path": "/elsewhere/model.scimult"}},
        {"log": {"requests": False}},
        {"options": {"--threads": 2}},
        {"options": {"drain-seconds": 60}},
        {"traces": {"endpoint": "collector:4318"}},
    ],
    ids=str,
)
def test_a_value_that_would_be_ignored_is_refused(values: dict[str, Any]) -> None:
    with (
        helm_python.Chart.load(chart.CHART) as loaded,
        pytest.raises(helm_python.HelmValuesError),
    ):
        loaded.validate_schema(values)


def test_values_explain_each_that_the_schema_knows() -> None:
    with helm_python.Chart.load(chart.CHART) as loaded:
        schema = loaded.schema
        assert schema
        # Helm adds `global` to the values of every chart.
        assert set(loaded.values) == set(schema["properties"]) - {"global"}


def test_options_become_words_of_the_command() -> None:
    values = {
        "max-queue-tokens": 13_107_200,
        "request-log-sample": 0.25,
        "no-reflection": True,
        "auth-health": False,
        "precision": "fp32",
        "model-name": "papers: a #1",
    }
    words = arguments({"options": values})
    assert "--max-queue-tokens=13107200" in words
    assert "--request-log-sample=0.25" in words
    assert "--no-reflection" in words
    assert "--precision=fp32" in words
    assert "--model-name=papers: a #1" in words
    assert not any("auth-health" in word for word in words)


def test_every_word_of_the_command_is_the_chart_s_or_an_option() -> None:
    """An option that the chart sets itself cannot also be set under `options`."""
    values = {"tls": {"secretName": "a", "clientCertificates": True}, "tokens": {"secretName": "b"}}
    said = {word.partition("=")[0].removeprefix("--") for word in arguments(values)[1:]}
    schema = json.loads((chart.CHART / "values.schema.json").read_text())
    assert said == set(schema["properties"]["options"]["propertyNames"]["not"]["enum"])


def test_secrets_are_mounted_where_the_server_looks() -> None:
    values = {"tls": {"secretName": "a", "clientCertificates": True}, "tokens": {"secretName": "b"}}
    pod = chart.of_kind("Deployment", values)["spec"]["template"]["spec"]
    mounts = {mount["mountPath"]: mount["name"] for mount in pod["containers"][0]["volumeMounts"]}
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    for word in arguments(values):
        if found := re.fullmatch(r"--(?:tls|auth)-[a-z-]+=(/secrets/[a-z]+)/[a-z.]+", word):
            assert mounts[found[1]] in volumes
    assert volumes["tls"]["secret"]["secretName"] == "a"
    assert volumes["tokens"]["secret"]["secretName"] == "b"
    assert len([word for word in arguments(values) if "/secrets/" in word]) == 4


def test_the_documented_secrets_have_the_keys_that_the_server_is_told(tmp_path: Path) -> None:
    path = f"{Path(need('kubectl')).parent}:/usr/bin:/bin"
    identity = Authority(tmp_path).issue("server")
    identity.certificate.rename(tmp_path / "tls.crt")
    identity.key.rename(tmp_path / "tls.key")
    (tmp_path / "tokens").write_text("a-token-of-a-test\n")
    values = {"tls": {"secretName": "scimult-tls"}, "tokens": {"secretName": "scimult-tokens"}}
    looked_for = {word.rpartition("/")[2] for word in arguments(values) if "/secrets/" in word}

    keys: dict[str, set[str]] = {}
    creations = [command("kubectl create secret tls"), command("kubectl create secret generic")]
    for line in creations:
        dry = f"{line} --dry-run=client --output=yaml"
        secret = yaml.safe_load(run("bash", "-c", dry, cwd=tmp_path, environment={"PATH": path}))
        keys[secret["metadata"]["name"]] = set(secret["data"])
    assert set(keys) == {"scimult-tls", "scimult-tokens"}
    assert set().union(*keys.values()) == looked_for


def test_replicas_are_the_autoscaler_s_where_there_is_one() -> None:
    assert chart.of_kind("Deployment")["spec"]["replicas"] == 2
    assert "replicas" not in chart.of_kind("Deployment", chart.MONITORING)["spec"]


def test_a_release_of_another_name_has_names_and_selectors_of_its_own() -> None:
    for manifest in chart.manifests(chart.MONITORING, name="papers"):
        assert manifest["metadata"]["name"] == "papers"
        assert manifest["metadata"]["labels"]["app.kubernetes.io/instance"] == "papers"


def test_the_documented_commands_set_values_that_there_are() -> None:
    installs = [line for line in commands() if line.startswith("helm ") and "deploy/helm" in line]
    assert len(installs) >= 2
    for line in installs:
        values = helm_python.parse_set_string(",".join(re.findall(r"--set (\S+)", line)))
        with helm_python.Chart.load(chart.CHART) as loaded:
            loaded.validate_schema(values)
        assert chart.manifests(values)


def test_the_documented_model_of_an_image_is_copied_before_the_start() -> None:
    values = yaml.safe_load(file_with("model:", "yaml"))
    pod = chart.of_kind("Deployment", values)["spec"]["template"]["spec"]
    [init] = pod["initContainers"]
    assert init["image"] == values["model"]["init"]["image"]
    assert init["volumeMounts"] == [{"name": "models", "mountPath": "/models"}]
    [volume] = pod["volumes"]
    assert volume == {"name": "models", "emptyDir": {"sizeLimit": "1Gi"}}


def test_the_chart_s_alerts_are_those_of_prometheus() -> None:
    rule = chart.of_kind("PrometheusRule", chart.MONITORING)
    alerts = yaml.safe_load(Path(DEPLOY / "prometheus/alerts.yaml").read_text())
    assert rule["spec"] == alerts
