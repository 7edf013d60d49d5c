"""Bar charts of the results, compared with the best peer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from report import OURS, PRODUCT_NAMES, ModelReport, figure
from shared.drawing import BLUE, GREEN, GREY, SKY_BLUE, VERMILION, pyplot, save

COLOURS = {
    "scimult": VERMILION,
    "openvino": BLUE,
    "ctranslate2": SKY_BLUE,
    "onnxruntime": GREEN,
    "pytorch": GREY,
}
GROUP_WIDTH = 0.84


def draw(panels: Sequence[tuple[ModelReport, str]], subtitle: str, folder: Path) -> None:
    """Writes encoder.png and encoder.svg, with a panel for each model and precision."""
    drawing, axes = pyplot().subplots(
        1, len(panels), figsize=(1 + 4.8 * len(panels), 4.4), squeeze=False, sharey=True
    )
    for axis, (report, precision) in zip(axes[0], panels, strict=True):
        draw_panel(axis, report, precision)
    axes[0][0].set_ylabel("speed relative to the best peer (higher is faster)")
    axes[0][0].margins(y=0.12)
    entries = {label: bar for axis in axes[0] for bar, label in zip(*handles(axis), strict=True)}
    drawing.legend(
        entries.values(), entries.keys(), loc="lower center", ncols=len(entries), frameon=False
    )
    drawing.suptitle(subtitle, fontsize=10)
    drawing.tight_layout(rect=(0, 0.06, 1, 1))
    save(drawing, folder, "encoder")


def handles(axis: Any) -> tuple[list[Any], list[str]]:
    """Returns the bars and labels for the legend."""
    bars, labels = axis.get_legend_handles_labels()
    return list(bars), list(labels)


def draw_panel(axis: Any, report: ModelReport, precision: str) -> None:
    """Draws a group of bars for each workload."""
    products = [product for product, each in report.engines if each == precision]
    width = GROUP_WIDTH / len(products)
    for place, product in enumerate(products):
        colour = COLOURS[product]
        label = PRODUCT_NAMES[product]
        for group, workload in enumerate(report.workloads):
            result = report.result(product, precision, workload.name)
            best = report.best_peer(precision, workload.name)
            if result is None or best is None:
                continue
            height = result.tokens_per_s / best.tokens_per_s
            left = group - GROUP_WIDTH / 2 + (place + 0.5) * width
            axis.bar(left, height, width * 0.92, color=colour, label=label)
            label = "_again"
            if product == OURS:
                ratio = f"{height:.2f} ×"
                axis.text(left, height + 0.02, ratio, ha="center", va="bottom", weight="bold")
    axis.axhline(1, color="#444444", linewidth=0.8, linestyle="--", zorder=0)
    axis.set_title(f"{report.name}, {precision}")
    axis.set_xticks(
        range(len(report.workloads)),
        [group_title(report, precision, w.name) for w in report.workloads],
    )
    axis.spines[["top", "right"]].set_visible(False)


def group_title(report: ModelReport, precision: str, workload: str) -> str:
    """Returns the workload's name, above scimult's own result."""
    result = report.result(OURS, precision, workload)
    if result is None:
        return workload
    unit = "ms" if result.workload.is_latency else "tok/s"
    return f"{workload}\n{figure(result)} {unit}"
