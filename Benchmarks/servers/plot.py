"""Bar charts: speed relative to the best of the others, latency, memory and start."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from contestants import OURS
from report import Report, figure_ms, load_name
from shared.drawing import BLUE, GREEN, GREY, PURPLE, SKY_BLUE, VERMILION, pyplot, save

COLOURS = {
    "scimult": VERMILION,
    "grpcio-openvino": SKY_BLUE,
    "grpcio-openvino-static": BLUE,
    "grpcio-onnxruntime": GREEN,
    "infinity": PURPLE,
    "triton": GREY,
}
GROUP_WIDTH = 0.84


def draw(report: Report, subtitle: str, folder: Path) -> None:
    """Writes servers.png and servers.svg."""
    drawing, axes = pyplot().subplots(
        1, 3, figsize=(15, 4.6), gridspec_kw={"width_ratios": [5, 5, 2]}
    )
    draw_speed(axes[0], report)
    draw_latency(axes[1], report)
    draw_standing(axes[2], report)
    bars, labels = axes[0].get_legend_handles_labels()
    drawing.legend(bars, labels, loc="lower center", ncols=len(labels), frameon=False)
    drawing.suptitle(subtitle, fontsize=10)
    drawing.tight_layout(rect=(0, 0.06, 1, 1))
    save(drawing, folder, "servers")


def draw_speed(axis: Any, report: Report) -> None:
    """Draws texts per second, relative to the best of the others."""
    loads = report.loads
    best = {
        load: max((each.median("texts_per_s") for each in report.others(load)), default=0.0)
        for load in loads
    }

    def height(name: str, group: int) -> float | None:
        load = loads[group]
        result = report.result(name, load)
        if result is None or not best[load]:
            return None
        ratio = report.speed_ratio(load) if name == OURS else None
        return ratio.value if ratio else result.median("texts_per_s") / best[load]

    draw_groups(axis, report, len(loads), height, lambda value: f"{value:.2f} ×")
    axis.axhline(1, color="#444444", linewidth=0.8, linestyle="--", zorder=0)
    axis.set_ylabel("texts/s relative to the best other (higher is faster)")
    axis.margins(y=0.12)
    labels = []
    for load in loads:
        ours = report.result(OURS, load)
        speed = f"\n{ours.median('texts_per_s'):,.0f} texts/s" if ours else ""
        labels.append(f"{load_name(load)}{speed}")
    finish(axis, "Throughput", labels)


def draw_latency(axis: Any, report: Report) -> None:
    """Draws the median of a call's duration, with its 99th percentile above."""
    loads = report.loads

    def height(name: str, group: int) -> float | None:
        result = report.result(name, loads[group])
        return None if result is None else result.median("p50_s") * 1_000

    def top(name: str, group: int) -> float | None:
        result = report.result(name, loads[group])
        return None if result is None else result.median("p99_s") * 1_000

    draw_groups(axis, report, len(loads), height, lambda value: figure_ms(value / 1_000), top)
    axis.set_yscale("log")
    axis.set_ylabel("ms of a call, p50 with p99 above (lower is faster)")
    finish(axis, "Latency", [load_name(load) for load in loads])


def draw_standing(axis: Any, report: Report) -> None:
    """Draws memory and the time to start, relative to scimult's."""
    standings = report.outcome.standings
    figures = ("memory_bytes", "start_s")

    def height(name: str, group: int) -> float | None:
        if OURS not in standings:
            return None
        ours: float = getattr(standings[OURS], figures[group])
        return float(getattr(standings[name], figures[group])) / ours

    draw_groups(axis, report, len(figures), height, lambda value: f"{value:.0f} ×")
    axis.set_yscale("log")
    axis.set_ylabel("multiple of scimult's (lower is better)")
    labels = ["memory", "start"]
    if OURS in standings:
        ours = standings[OURS]
        labels = [f"memory\n{ours.memory_bytes / 1e6:,.0f} MB", f"start\n{ours.start_s:.2f} s"]
    finish(axis, "Footprint", labels)


def draw_groups(
    axis: Any,
    report: Report,
    groups: int,
    height: Callable[[str, int], float | None],
    words: Callable[[float], str],
    top: Callable[[str, int], float | None] | None = None,
) -> None:
    """Draws a group of bars for each load, with a line up to `top`, and labels scimult's bars."""
    width = GROUP_WIDTH / max(1, len(report.present))
    titles: Mapping[str, str] = {
        name: standing.title for name, standing in report.outcome.standings.items()
    }
    for place, name in enumerate(report.present):
        label = titles[name]
        for group in range(groups):
            value = height(name, group)
            if value is None:
                continue
            left = group - GROUP_WIDTH / 2 + (place + 0.5) * width
            axis.bar(left, value, width * 0.92, color=COLOURS[name], label=label)
            label = "_again"
            end = top(name, group) if top else None
            if end is not None:
                axis.plot([left, left], [value, end], color=COLOURS[name], linewidth=1)
            if name == OURS:
                above = max(value, end or 0.0)
                axis.annotate(
                    words(value),
                    (left, above),
                    xytext=(0, 2),
                    textcoords="offset points",
                    ha="center",
                    weight="bold",
                    fontsize=8,
                )


def finish(axis: Any, title: str, labels: Sequence[str]) -> None:
    """Adds the title and the names of the groups."""
    axis.set_title(title)
    axis.set_xticks(range(len(labels)), labels)
    axis.spines[["top", "right"]].set_visible(False)
