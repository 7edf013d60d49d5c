"""The contents of `/metrics`, read with the parser of Prometheus' own library."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from .admin import get
from .server import ServerProcess


class Metrics:
    """All metrics of a server at one time."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.families = list(text_string_to_metric_families(text))
        #: Values by the name and the labels of the series.
        self.samples = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in self.families
            for sample in family.samples
        }

    @classmethod
    def of(cls, server: ServerProcess) -> Metrics:
        response = get(server, "/metrics")
        assert response.status == 200
        assert response.content_type == "text/plain; version=0.0.4; charset=utf-8"
        return cls(response.text)

    def value(self, name: str, **labels: str) -> float:
        """Returns the value of a series that must exist."""
        return self.samples[name, frozenset(labels.items())]

    def total(self, name: str, **labels: str) -> float:
        """Returns the sum over all series that have these labels; 0 if there is none."""
        return sum(
            value
            for (other, others), value in self.samples.items()
            if other == name and others >= labels.items()
        )

    def series(self, name: str) -> dict[tuple[str, ...], float]:
        """Returns the series of a name, by their labels' values in the order of label names."""
        return {
            tuple(value for _, value in sorted(labels)): sample
            for (other, labels), sample in self.samples.items()
            if other == name
        }
