"""Charts of the screen for a file: the same figures, with the colours that Streamlit's browser part puts in.

The screen's figures hold placeholders for colours. Both palettes of config.toml go into the file beside them, and
the reader's browser chooses between them as it does on screen.
"""

from __future__ import annotations

import json
import tomllib
from functools import cache
from typing import TYPE_CHECKING, Any

from streamlit.elements.lib import streamlit_plotly_theme as theme

from core.home import PROJECT

if TYPE_CHECKING:
    from ui.charts import Chart

MODES = ("light", "dark")
GRID = "#000035"  # Streamlit's placeholder for lines of the grid; its Python part has no name for it
_CATEGORIES = tuple(f"CATEGORY_{place}" for place in range(10))
_SEQUENTIAL = tuple(f"SEQUENTIAL_{place}" for place in range(10))
_DIVERGING = tuple(f"DIVERGING_{place}" for place in range(10))
_PLAIN = {
    "INCREASING": "greenColor", "DECREASING": "redColor", "TOTAL": "blueColor", "GRAY_70": "grayColor", "GRAY_90": "textColor",
    "BG_COLOR": "backgroundColor", "FADED_TEXT_05": "borderColor", "BG_MIX": "secondaryBackgroundColor",
}  # fmt: skip


@cache
def themes() -> dict[str, dict[str, Any]]:
    """The light and the dark appearance as config.toml gives them."""
    found = tomllib.loads((PROJECT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
    return {mode: found[mode] for mode in MODES}


def palette(mode: str) -> dict[str, str]:
    """Placeholder to colour, in one appearance."""
    chosen = themes()[mode]
    colors = {getattr(theme, name): chosen[key] for name, key in _PLAIN.items()}
    for names, key in (
        (_CATEGORIES, "chartCategoricalColors"),
        (_SEQUENTIAL, "chartSequentialColors"),
        (_DIVERGING, "chartDivergingColors"),
    ):
        listed = chosen[key]
        colors |= {getattr(theme, name): listed[place % len(listed)] for place, name in enumerate(names)}
    return colors | {GRID: chosen["borderColor"]}


def spec(chart: Chart) -> str:
    """A figure as JSON with placeholders, laid out as Streamlit lays it out."""
    figure = json.loads(chart.figure.to_json())
    layout = figure.setdefault("layout", {})
    template = layout.setdefault("template", {}).setdefault("layout", {})
    _merge(template, _layout())
    layout.setdefault("height", chart.height)
    return json.dumps({"data": figure.get("data", []), "layout": layout}, ensure_ascii=False)


def _layout() -> dict[str, Any]:
    """The part of the template that Streamlit adds in the browser: letters, grid and ground."""
    words = {"color": theme.GRAY_70, "size": 13}
    axis = {
        "gridcolor": GRID, "zerolinecolor": GRID, "tickcolor": GRID, "tickfont": words, "title": {"font": words},
        "automargin": True,
    }  # fmt: skip
    return {
        "font": {**words, "family": "system-ui, sans-serif"},
        "legend": {"font": {"color": theme.GRAY_90, "size": 13}},
        "paper_bgcolor": theme.BG_COLOR, "plot_bgcolor": theme.BG_COLOR,
        "xaxis": {**axis, "showgrid": False, "zeroline": False}, "yaxis": axis,
        "hoverlabel": {"bgcolor": theme.BG_COLOR, "bordercolor": GRID, "font": words},
        "margin": {"pad": 8},
    }  # fmt: skip


def _merge(into: dict[str, Any], more: dict[str, Any]) -> None:
    for name, value in more.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            _merge(into[name], value)
        else:
            into[name] = value
