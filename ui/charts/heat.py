"""When it happens: weekday by hour as square marks, because a click on a heat map comes back from none of plotly's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core import numbers
from core.clock import WEEKDAYS
from ui.charts.base import SCALE, TEXT, Chart, axis, exact, step, value
from ui.drill import of_row

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from analytics.result import MetricResult, Row


def heat(result: MetricResult, title: str) -> Chart:
    """A metric by weekday and hour of the day; the fuller the square, the more."""
    rows = sorted(result.groups, key=lambda row: (WEEKDAYS.index(row.group[0]), row.group[1]))
    shades = [axis(result).of(row) or 0.0 for row in rows]
    most = max(shades, default=0.0)
    figure = squares(
        [(row.group[0], row.group[1]) for row in rows], shades, [value(row, result.unit) for row in rows],
        dtick=step(result, most),
    )  # fmt: skip
    table = [
        {"Day": row.group[0], "Hour": f"{row.group[1]}:00", "Value": value(row, result.unit)} for row in rows
    ]
    drills = tuple(of_row(result, row) for row in rows)
    return Chart(
        figure,
        f"{title}, {result.period}: {_busiest(rows, result)}",
        table,
        300,
        drills,
        results=(result,),
        exact=[exact(row, result.unit) for row in rows],
    )


def squares(
    places: Sequence[tuple[str, str]], shades: Sequence[float], texts: Sequence[str], *, dtick: int | None = None
) -> go.Figure:  # fmt: skip
    """A mark for each (weekday, hour such as "09"), the fuller the more; `dtick` is the step of the scale beside it."""
    import plotly.graph_objects as go

    figure = go.Figure(
        go.Scatter(
            x=[hour for _, hour in places], y=[day for day, _ in places], mode="markers",
            customdata=list(range(len(places))), text=list(texts),
            hovertemplate="%{y} %{x}:00, %{text}<extra></extra>", showlegend=False,
            marker={
                "symbol": "square", "size": 17, "color": list(shades), "cmin": 0, "cmax": max(shades, default=0) or 1,
                "colorscale": [[i / 9, color] for i, color in enumerate(SCALE)], "line": {"width": 0},
                "colorbar": {"thickness": 8, "outlinewidth": 0, "tickfont": {"color": TEXT}, "title": None,
                             "dtick": dtick},
            },
        )
    )  # fmt: skip
    figure.update_xaxes(
        title="hour of the day", type="category", categoryorder="array",
        categoryarray=[f"{hour:02}" for hour in range(24)], range=[-0.6, 23.6], showgrid=False,
    )  # fmt: skip
    figure.update_yaxes(
        title=None, type="category", categoryorder="array", categoryarray=WEEKDAYS[::-1], range=[-0.6, 6.6],
        showgrid=False,
    )  # fmt: skip
    figure.update_layout(hovermode="closest")
    return figure


def busiest(result: MetricResult) -> Row | None:
    """The weekday and hour with the most; None where nothing happened."""
    found = [row for row in result.groups if row.value]
    return max(found, key=lambda row: (row.value or 0, row.group), default=None)


def _busiest(rows: list[Row], result: MetricResult) -> str:
    top = busiest(result)
    if top is None:
        return "nothing"
    return f"{len(rows)} hours of the week, most on {top.group[0]} at {top.group[1]}:00 ({numbers.count(top.value)})"
