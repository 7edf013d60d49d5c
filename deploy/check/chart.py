"""The chart, rendered by Helm's own library, and its committed manifests.

`python deploy/check/chart.py` rewrites deploy/kubernetes.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import helm_python
import yaml

from places import DEPLOY

CHART = DEPLOY / "helm/scimult"
KUBERNETES = DEPLOY / "kubernetes"

Manifest = dict[str, Any]

#: The manifests that need the Prometheus operator. Any cluster accepts the others.
MONITORING = {
    "autoscaling": {"enabled": True},
    "serviceMonitor": {"enabled": True},
    "prometheusRule": {"enabled": True},
}
_HEADER = "# By deploy/helm/scimult with {values}; `python deploy/check/chart.py` writes it.\n"


def render(values: Mapping[str, Any] | None = None, *, name: str = "scimult") -> dict[str, str]:
    """Returns the chart's manifests as text, by the names of their templates."""
    with helm_python.Chart.load(CHART) as chart:
        rendered = chart.render(dict(values or {}), name=name, namespace="default")
    texts = {Path(path).name: text.strip() + "\n" for path, text in rendered.items()}
    return {name: text for name, text in texts.items() if name.endswith(".yaml") and text.strip()}


def manifests(values: Mapping[str, Any] | None = None, *, name: str = "scimult") -> list[Manifest]:
    """Returns the chart's manifests."""
    return [yaml.safe_load(text) for text in render(values, name=name).values()]


def of_kind(kind: str, values: Mapping[str, Any] | None = None) -> Manifest:
    """Returns the only manifest of a kind."""
    found = [manifest for manifest in manifests(values) if manifest["kind"] == kind]
    assert len(found) == 1, f"{kind} is there {len(found)} times"
    return found[0]


def kept() -> dict[Path, str]:
    """Returns the expected content of deploy/kubernetes."""
    plain = render()
    more = {name: text for name, text in render(MONITORING).items() if name not in plain}
    header = _HEADER.format(values="its default values")
    monitoring = _HEADER.format(values="autoscaling, serviceMonitor and prometheusRule enabled")
    return {
        **{KUBERNETES / name: header + text for name, text in plain.items()},
        **{KUBERNETES / "monitoring" / name: monitoring + text for name, text in more.items()},
    }


def main() -> None:
    for path, text in kept().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        print(path.relative_to(DEPLOY.parent))


if __name__ == "__main__":
    main()
