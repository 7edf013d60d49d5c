"""The results as a table and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accuracy import Accuracy
from shared.markdown_table import aligned
from shared.sequences import Workload
from tournament import Outcome, Result

OURS = "scimult"

QUIET_CPU_SHARE = 0.9
"""If an engine with one thread gets less of its core, other programs disturbed the result."""

PRODUCT_NAMES = {
    "scimult": "scimult",
    "openvino": "OpenVINO",
    "ctranslate2": "CTranslate2",
    "onnxruntime": "ONNX Runtime",
    "pytorch": "PyTorch",
}


@dataclass(frozen=True)
class Ratio:
    """scimult's speed relative to the best peer of a precision on a workload."""

    precision: str
    workload: str
    best_peer: str
    value: float


@dataclass(frozen=True)
class ModelReport:
    """A model's results on its workloads."""

    name: str
    workloads: list[Workload]
    outcome: Outcome
    accuracy: Mapping[str, Accuracy]

    @property
    def precisions(self) -> list[str]:
        """Precisions with results, in the order of measurement."""
        return list(dict.fromkeys(result.precision for result in self.outcome.results))

    @property
    def engines(self) -> list[tuple[str, str]]:
        """Product and precision of engines with results, in the order of measurement."""
        return list(dict.fromkeys((r.product, r.precision) for r in self.outcome.results))

    def result(self, product: str, precision: str, workload: str) -> Result | None:
        """Returns the result of an engine on a workload."""
        for each in self.outcome.results:
            if (each.product, each.precision, each.workload.name) == (product, precision, workload):
                return each
        return None

    def best_peer(self, precision: str, workload: str) -> Result | None:
        """Returns the fastest of the other engines."""
        peers = [
            each
            for each in self.outcome.results
            if each.product != OURS
            and (each.precision, each.workload.name) == (precision, workload)
        ]
        return max(peers, key=lambda each: each.tokens_per_s, default=None)

    def ratios(self) -> list[Ratio]:
        """Returns the ratios for every precision and workload with results of both sides."""
        found: list[Ratio] = []
        for precision in self.precisions:
            for workload in self.workloads:
                ours = self.result(OURS, precision, workload.name)
                best = self.best_peer(precision, workload.name)
                if ours and best:
                    value = ours.tokens_per_s / best.tokens_per_s
                    found.append(Ratio(precision, workload.name, best.product, value))
        return found

    def table(self) -> str:
        """Returns a Markdown table of engines by workloads."""
        heading = [self.name, *map(column_title, self.workloads)]
        if self.accuracy:
            heading += ["mean cosine", "min cosine"]
        rows = [heading]
        for precision in self.precisions:
            rows += [self.row(*engine) for engine in self.engines if engine[1] == precision]
            rows += self.ratio_row(precision)
        return "\n".join([aligned(rows), "", *self.notes()]).rstrip()

    def notes(self) -> list[str]:
        """Returns notes that explain the table."""
        notes = [f"{name} is absent: {reason}" for name, reason in self.outcome.absent.items()]
        least = min((each.measurement.cpu_share for each in self.outcome.results), default=1)
        if least < QUIET_CPU_SHARE:
            percent = round(100 * (1 - least))
            notes.append(
                f"Other programs had the cores for up to {percent} % of the time: "
                "the ratios do not hold, repeat on a quiet machine."
            )
        return notes

    def row(self, product: str, precision: str) -> list[str]:
        """Returns an engine's results."""
        results = [self.result(product, precision, w.name) for w in self.workloads]
        cells = [f"{PRODUCT_NAMES[product]} {precision}", *map(figure, results)]
        if self.accuracy:
            accuracy = self.accuracy.get(f"{product}-{precision}")
            cells += [
                f"{accuracy.mean_cosine:.5f}" if accuracy else "",
                f"{accuracy.min_cosine:.5f}" if accuracy else "",
            ]
        return cells

    def ratio_row(self, precision: str) -> list[list[str]]:
        """Returns scimult's ratios to the best peer, if both have results."""
        ratios = {r.workload: r.value for r in self.ratios() if r.precision == precision}
        if not ratios:
            return []
        cells = [f"{ratios[w.name]:.2f} ×" if w.name in ratios else "–" for w in self.workloads]
        blanks = ["", ""] if self.accuracy else []
        return [[f"**scimult {precision} / best {precision} peer**", *cells, *blanks]]

    def as_json(self) -> dict[str, Any]:
        """Returns all results."""
        return {
            "name": self.name,
            "workloads": {
                w.name: {"sequences": len(w.sequences), "tokens": w.tokens} for w in self.workloads
            },
            "results": [result.as_json() for result in self.outcome.results],
            "ratios": [ratio.__dict__ for ratio in self.ratios()],
            "accuracy": {name: value.as_json() for name, value in self.accuracy.items()},
            "absent": self.outcome.absent,
        }


def column_title(workload: Workload) -> str:
    """Returns name and unit."""
    return f"{workload.name} {'ms' if workload.is_latency else 'tokens/s'}"


def figure(result: Result | None) -> str:
    """Formats milliseconds for one sequence, or tokens per second for many."""
    if result is None:
        return "–"
    if result.workload.is_latency:
        return f"{result.measurement.median_s * 1_000:.3f}"
    return f"{result.tokens_per_s:,.0f}"
