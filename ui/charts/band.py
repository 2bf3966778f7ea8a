"""A line of days with the band of usual ones, and the unusual days marked."""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import date
from typing import TYPE_CHECKING

from core import numbers
from core.filters import Period
from ui.charts.base import MORE, SERIES, Axis, Chart
from ui.drill import Drill

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from analytics.anomalies.report import Line, Point
    from analytics.effects import EffectDay
    from analytics.result import MetricResult

_SEEN = 0.15  # how much of its colour the band has


def band(line: Line, flagged: Set[date], scale: Axis, *, results: Sequence[MetricResult] = ()) -> Chart:
    """The days of a metric over the band in which 95 of 100 usual days lie. A click on a day opens its conversations."""
    import plotly.graph_objects as go

    figure, shown = go.Figure(), [one for one in line.points if one.value is not None]
    expected(figure, line.points, scale, "95 of 100 usual days", "Expected")
    drills = tuple(Drill(period=Period(one.day, one.day), of=line.metric) for one in shown)
    places = list(range(len(shown)))
    figure.add_scatter(
        x=[one.day for one in shown], y=[scale.height(one.value) for one in shown], customdata=places, name=line.title,
        mode="lines+markers", line={"color": SERIES[0], "width": 2}, marker={"size": 5, "color": SERIES[0]},
        text=[_said(one, line.unit) for one in shown], hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip
    odd = [place for place in places if shown[place].day in flagged]
    figure.add_scatter(
        x=[shown[place].day for place in odd], y=[scale.height(shown[place].value) for place in odd], customdata=odd,
        name="Unusual", mode="markers", marker={"size": 12, "color": MORE, "symbol": "diamond"},
        text=["unusual"] * len(odd), hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip
    figure.update_yaxes(title=scale.label, rangemode="tozero", nticks=6)
    figure.update_layout(showlegend=True)
    rows = [
        {
            "Day": f"{one.day:%Y-%m-%d}", line.title: numbers.value(one.value, line.unit, max(one.n, 5)),
            "Usual": numbers.value(one.expected, line.unit, 5), "n": one.n,
            "Unusual": "yes" if one.day in flagged else "",
        }
        for one in shown
    ]  # fmt: skip
    named = ", ".join(f"{day:%-d %b}" for day in sorted(flagged)) or "none"
    words = f"{line.title} by day over the band of usual days; unusual days: {named}"
    return Chart(figure, words, rows, 320, drills, drills, tuple(results))


def expected(
    figure: go.Figure, points: Sequence[Point | EffectDay], scale: Axis, band: str, middle: str
) -> None:
    """The band, and the expected number as a dotted line in it, under these names."""
    told = [one for one in points if one.low is not None and one.high is not None]
    days = [one.day for one in told]
    figure.add_scatter(
        x=[*days, *reversed(days)], fill="toself", mode="lines", line={"width": 0}, fillcolor=SERIES[0], opacity=_SEEN,
        y=[*(scale.height(one.high) for one in told), *(scale.height(one.low) for one in reversed(told))],
        name=band, hoverinfo="skip",
    )  # fmt: skip
    figure.add_scatter(
        x=days, y=[scale.height(one.expected) for one in told], mode="lines", name=middle, hoverinfo="skip",
        line={"color": SERIES[0], "width": 1, "dash": "dot"},
    )  # fmt: skip


def _said(one: Point, unit: str) -> str:
    usual = numbers.value(one.expected, unit, 5)
    return f"{numbers.value(one.value, unit, max(one.n, 5))}, usually {usual}, n = {one.n}"
