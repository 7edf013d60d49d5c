"""The style of all plots, and their files."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

# Okabe and Ito's colours, which people with any kind of colour vision can distinguish.
VERMILION = "#D55E00"
BLUE = "#0072B2"
SKY_BLUE = "#56B4E9"
GREEN = "#009E73"
YELLOW = "#F0E442"
PURPLE = "#CC79A7"
GREY = "#BBBBBB"


def pyplot() -> Any:
    """Returns matplotlib, configured; raises ImportError if it is not installed."""
    import_module("matplotlib").use("Agg")
    module = import_module("matplotlib.pyplot")
    # Text stays text in the SVG, and equal results give identical files.
    module.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "scimult", "font.size": 9})
    return module


def save(drawing: Any, folder: Path, name: str) -> None:
    """Writes `name`.png and `name`.svg."""
    drawing.savefig(folder / f"{name}.png", dpi=160)
    drawing.savefig(folder / f"{name}.svg", metadata={"Date": None})
    pyplot().close(drawing)
