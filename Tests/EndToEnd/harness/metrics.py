"""What `/metrics` shows, as the parser of Prometheus' own library reads it."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from .admin import get
from .server import ServerProcess


class Metrics:
    """All metrics of a server at one moment."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.families = list(text_string_to_metric_families(text))
        #: Values by the name of the series and its labels.
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
        """The value of a series that there must be."""
        return self.samples[name, frozenset(labels.items())]

    def total(self, name: str, **labels: str) -> float:
        """The sum over all series with these labels among theirs; 0 where there is none."""
        return sum(
            value
            for (other, others), value in self.samples.items()
            if other == name and others >= labels.items()
        )

    def series(self, name: str) -> dict[tuple[str, ...], float]:
        """The series of a name, by the values of their labels in the order of the labels' names."""
        return {
            tuple(value for _, value in sorted(labels)): sample
            for (other, labels), sample in self.samples.items()
            if other == name
        }
