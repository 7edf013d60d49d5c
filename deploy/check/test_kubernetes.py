"""The manifests are valid for each release of Kubernetes, and agree with the real server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml

import chart
from chart import Manifest
from dockerfile import Dockerfile
from documented import command
from harness.admin import get
from harness.certificates import Authority
from harness.fixtures import StartServer
from places import DEPLOY

VERSIONS = [f"1.{minor}" for minor in range(25, 38)]
#: Kinds of the Prometheus operator, for which Kubernetes has no schemas.
OPERATOR = {"ServiceMonitor", "PrometheusRule"}

EVERYTHING: dict[str, Any] = {
    **chart.MONITORING,
    "tls": {"secretName": "scimult-tls", "clientCertificates": True},
    "tokens": {"secretName": "scimult-tokens"},
    "traces": {"endpoint": "http://127.0.0.1:4318"},
    "log": {"format": "text", "requests": "all"},
    "options": {"threads": 1, "no-reflection": True},
    "model": {
        "volume": {"persistentVolumeClaim": None, "emptyDir": {}},
        "init": {"image": "models:1", "command": ["cp", "/model", "/models"]},
    },
    "service": {"headless": False},
    "imagePullSecrets": [{"name": "registry"}],
    "podAnnotations": {"example.com/note": "text"},
    "podLabels": {"team": "papers"},
    "nodeSelector": {"kubernetes.io/arch": "amd64"},
    "tolerations": [{"operator": "Exists"}],
    "affinity": {"nodeAffinity": {}},
    "priorityClassName": "high",
    "networkPolicy": {"egress": [{"ports": [{"port": 4318}]}]},
}


def seconds(manifest: Manifest) -> tuple[int, int, int]:
    """Returns a pod's grace period, the delay before its stop, and the server's drain time."""
    pod = manifest["spec"]["template"]["spec"]
    [container] = pod["containers"]
    delay = int(container["lifecycle"]["preStop"]["exec"]["command"][1])
    drain = next(word for word in container["args"] if word.startswith("--drain-seconds="))
    return pod["terminationGracePeriodSeconds"], delay, int(drain.partition("=")[2])


@pytest.fixture(scope="module")
def kept() -> dict[str, Manifest]:
    """The manifests of deploy/kubernetes, by kind."""
    found = [yaml.safe_load(path.read_text()) for path in chart.KUBERNETES.rglob("*.yaml")]
    return {manifest["kind"]: manifest for manifest in found}


@pytest.fixture(scope="module")
def pod(kept: dict[str, Manifest]) -> Manifest:
    """The deployment's pod."""
    template: Manifest = kept["Deployment"]["spec"]["template"]
    return template


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("values", [chart.MONITORING, EVERYTHING], ids=["default", "everything"])
def test_each_release_takes_the_manifests(version: str, values: dict[str, Any]) -> None:
    for manifest in chart.manifests(values):
        if manifest["kind"] not in OPERATOR:
            kubernetes_validate.validate(manifest, version, strict=True)


def test_the_schemas_see_a_field_that_is_not_there() -> None:
    manifest = chart.of_kind("Deployment")
    manifest["spec"]["template"]["spec"]["containers"][0]["livenessprobe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(manifest, VERSIONS[-1], strict=True)


def test_the_least_release_is_the_chart_s() -> None:
    wanted = yaml.safe_load((chart.CHART / "Chart.yaml").read_text())["kubeVersion"]
    assert wanted == f">={VERSIONS[0]}.0-0"


def test_every_selector_finds_the_pods(kept: dict[str, Manifest], pod: Manifest) -> None:
    selectors = [
        kept["Deployment"]["spec"]["selector"]["matchLabels"],
        kept["Service"]["spec"]["selector"],
        kept["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
        kept["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"],
    ]
    for selector in selectors:
        assert selector.items() <= pod["metadata"]["labels"].items()
    monitored = kept["ServiceMonitor"]["spec"]["selector"]["matchLabels"]
    assert monitored.items() <= kept["Service"]["metadata"]["labels"].items()


def test_every_port_has_a_name_that_the_pod_knows(kept: dict[str, Manifest], pod: Manifest) -> None:
    [container] = pod["spec"]["containers"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    served = {port["name"]: port["targetPort"] for port in kept["Service"]["spec"]["ports"]}
    assert set(served.values()) == set(ports)
    for rule in kept["NetworkPolicy"]["spec"]["ingress"]:
        assert {port["port"] for port in rule["ports"]} <= set(ports)
    for endpoint in kept["ServiceMonitor"]["spec"]["endpoints"]:
        assert endpoint["port"] in served
    for word in ("--listen=", "--admin="):
        [address] = [text for text in container["args"] if text.startswith(word)]
        assert int(address.rpartition(":")[2]) in ports.values()


def test_a_pod_is_reached_over_both_families(kept: dict[str, Manifest], pod: Manifest) -> None:
    [container] = pod["spec"]["containers"]
    for word in ("--listen=", "--admin="):
        assert any(text.startswith(f"{word}*:") for text in container["args"])
    assert kept["Service"]["spec"]["ipFamilyPolicy"] == "PreferDualStack"


def test_prometheus_calls_the_job_as_alerts_do(kept: dict[str, Manifest]) -> None:
    label = kept["ServiceMonitor"]["spec"]["jobLabel"]
    assert kept["Service"]["metadata"]["labels"][label] == "scimult"
    assert 'job="scimult"' in (DEPLOY / "prometheus/alerts.yaml").read_text()


def test_the_autoscaler_scales_the_deployment(kept: dict[str, Manifest]) -> None:
    target = kept["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]
    deployment = kept["Deployment"]
    assert target == {
        "apiVersion": deployment["apiVersion"],
        "kind": "Deployment",
        "name": deployment["metadata"]["name"],
    }


def test_the_pod_is_as_restricted_as_pod_security_can_ask(pod: Manifest) -> None:
    security = pod["spec"]["securityContext"]
    assert security["runAsNonRoot"] is True
    assert security["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["spec"]["automountServiceAccountToken"] is False
    [container] = pod["spec"]["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
    }
    assert set(container["resources"]["limits"]) == {"cpu", "memory"}


def test_the_container_that_brings_a_model_is_restricted_too() -> None:
    pod = chart.of_kind("Deployment", EVERYTHING)["spec"]["template"]["spec"]
    [init], [container] = pod["initContainers"], pod["containers"]
    assert init["securityContext"] == container["securityContext"]


def test_the_user_and_the_image_are_the_dockerfile_s(pod: Manifest, dockerfile: Dockerfile) -> None:
    security = pod["spec"]["securityContext"]
    assert dockerfile.last("USER") == f"{security['runAsUser']}:{security['runAsGroup']}"
    [container] = pod["spec"]["containers"]
    assert command("docker build").split()[-2] == container["image"]


@pytest.mark.parametrize("shutdown", [{}, {"delaySeconds": 10, "drainSeconds": 120}])
def test_the_grace_covers_the_delay_and_the_drain(shutdown: dict[str, int]) -> None:
    grace, delay, drain = seconds(chart.of_kind("Deployment", {"shutdown": shutdown}))
    assert grace > delay + drain
    assert drain == shutdown.get("drainSeconds", drain)


@pytest.mark.parametrize("values", [{}, EVERYTHING], ids=["default", "everything"])
def test_the_server_takes_its_command_and_answers_its_probes(
    values: dict[str, Any], start_server: StartServer, tiny_expert: Path, tmp_path: Path
) -> None:
    [container] = chart.of_kind("Deployment", values)["spec"]["template"]["spec"]["containers"]
    files = secrets(tmp_path)
    words = [
        str(word).replace("=/secrets/", f"={files}/")
        for word in container["args"][1:]
        if not word.startswith(("--model=", "--listen=", "--admin="))
    ]
    environment = {entry["name"]: entry["value"] for entry in container.get("env", [])}
    server = start_server(*words, model=tiny_expert, environment=environment)
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        request = container[probe]["httpGet"]
        assert request["port"] == "admin"
        assert get(server, request["path"]).status == 200


def secrets(folder: Path) -> Path:
    """The files of the two secrets, in the kubelet's layout."""
    authority = Authority(folder)
    issued = authority.issue("server")
    files = {
        "tls/tls.crt": issued.certificate.read_bytes(),
        "tls/tls.key": issued.key.read_bytes(),
        "tls/ca.crt": authority.pem,
        "tokens/tokens": b"a-token-of-a-test\n",
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    return folder
