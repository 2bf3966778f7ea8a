"""Ratios as dots with their intervals: as counted, and with all else equal, to both sides of "as often"."""

from __future__ import annotations

from collections.abc import Sequence
from math import log2
from typing import TYPE_CHECKING, Any

from core import numbers
from ui.charts.base import OTHER, SERIES, SYMBOLS, Chart
from ui.drill import Drill

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from analytics.drivers import Driver

WIDEST = 16.0  # what is rarer or more frequent than so many times is drawn at the edge
MARKS = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1.0, 2.0, 4.0, 8.0, 16.0)
NAMES = ("1/16", "1/8", "1/4", "1/2", "1", "2", "4", "8", "16")
LONGEST = 40  # letters of a name beside the axis
Told = tuple[float | None, float | None, float | None]  # a ratio and its interval


def ratios(found: Sequence[Driver], title: str, *, of: str) -> Chart:
    """A line a driver, two dots each: the plain ratio and the adjusted one. `of` is the metric whose rows open."""
    import plotly.graph_objects as go

    figure, drills = go.Figure(), [Drill(one.where, of=of) for one in found]
    names = _unique([one.name for one in found])
    alone = [(one.adjusted, one.adjusted_low, one.adjusted_high) for one in found]
    plain: list[Told] = [(one.ratio, one.ratio_low, one.ratio_high) for one in found]
    figure.add_trace(_dots("All else equal", names, alone, 0))
    figure.add_trace(_dots("As counted", names, plain, 1))
    figure.add_trace(
        go.Scatter(x=[0] * len(names), y=names, mode="lines", line={"color": OTHER, "dash": "dot", "width": 1.5},
                   showlegend=False, hoverinfo="skip")
    )  # fmt: skip
    figure.update_yaxes(
        autorange="reversed", title=None, type="category", categoryarray=names, categoryorder="array"
    )
    figure.update_xaxes(
        title="times as often",
        tickangle=0,
        tickvals=[log2(mark) for mark in MARKS],
        ticktext=NAMES,
        zeroline=False,
    )
    figure.update_layout(hovermode="closest", scattermode="group", scattergap=0.5)
    said = "; ".join(f"{name} {times(*values)}" for name, values in zip(names, alone, strict=True))
    return Chart(
        figure, f"{title}: {said}", [_cells(one) for one in found], max(200, 90 + 44 * len(names)), tuple(drills),
        exact=[_exact(one) for one in found],
    )  # fmt: skip


def _dots(name: str, names: Sequence[str], values: Sequence[Told], place: int) -> go.Scatter:
    import plotly.graph_objects as go

    shown = [at for at, (value, _, _) in enumerate(values) if value is not None]
    return go.Scatter(
        y=[names[at] for at in shown], x=[_height(values[at][0]) for at in shown], mode="markers", name=name,
        customdata=shown, text=[times(*values[at]) for at in shown],
        hovertemplate="%{y}: %{text}<extra>" + name + "</extra>",
        marker={"color": SERIES[place], "symbol": SYMBOLS[place], "size": 11},
        error_x=_bars([values[at] for at in shown]),
    )  # fmt: skip


def times(value: float | None, low: float | None, high: float | None) -> str:
    """2.1 times (1.6 to 2.9)."""
    if value is None or low is None or high is None:
        return numbers.MISSING
    return f"{value:.2g} times ({low:.2g} to {high:.2g})"


def _unique(names: list[str]) -> list[str]:
    """Names short enough for an axis, told apart where they are cut alike."""
    cut = [name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…" for name in names]
    return [
        name if cut.count(name) == 1 else f"{name} {cut[:at].count(name) + 1}" for at, name in enumerate(cut)
    ]


def _height(ratio: float | None) -> float:
    return log2(min(max(ratio or 0.0, 1 / WIDEST), WIDEST))


def _bars(values: Sequence[Told]) -> dict[str, Any]:
    return {
        "type": "data", "symmetric": False, "thickness": 1.5, "width": 0,
        "array": [max(0.0, _height(high) - _height(value)) for value, _, high in values],
        "arrayminus": [max(0.0, _height(value) - _height(low)) for value, low, _ in values],
    }  # fmt: skip


def _cells(one: Driver) -> dict[str, Any]:
    return {
        "What": one.name, "n": one.n, "Rate": numbers.percent(one.rate, one.n),
        "Elsewhere": numbers.percent(one.rest_rate), "All else equal": times(one.adjusted, one.adjusted_low, one.adjusted_high),
        "As counted": times(one.ratio, one.ratio_low, one.ratio_high), "Points": f"{one.impact:+.1f}",
        "Clear": "yes" if one.is_clear else "no",
    }  # fmt: skip


def _exact(one: Driver) -> dict[str, Any]:
    return {
        "Rate (share)": one.rate, "Elsewhere (share)": one.rest_rate, "Ratio": one.ratio, "Adjusted ratio": one.adjusted,
        "Adjusted, low": one.adjusted_low, "Adjusted, high": one.adjusted_high, "Impact (points of 100)": one.impact, "q": one.q,
    }  # fmt: skip
