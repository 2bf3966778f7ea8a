"""The backlog that was, and its path ahead: a dashed middle in the band of four paths of five, under its threshold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core import numbers
from ui.charts.base import SERIES, Chart, axis, exact, goal, value
from ui.charts.foreseen import FILLS
from ui.drill import of_row

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from analytics.capacity.runway import Runway, RunwayDay
    from analytics.result import MetricResult, Row


def runway(result: MetricResult, found: Runway) -> Chart:
    """The backlog by day and what it comes to. A click on a day that was opens the conversations open then."""
    import plotly.graph_objects as go

    past = [row for row in result.rows if row.value is not None and not row.partial]
    figure = go.Figure()
    _path(figure, past, found.days)
    figure.add_scatter(
        x=[row.bucket for row in past], y=[row.value for row in past], customdata=list(range(len(past))), name="Open",
        mode="lines+markers", line={"color": SERIES[0], "width": 2}, marker={"size": 5, "color": SERIES[0]},
        text=[value(row, result.unit) for row in past], hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip
    every = [*(row.bucket for row in past), *(one.day for one in found.days)]
    figure.add_trace(
        goal(every, [found.threshold] * len(every), f"Threshold {numbers.count(found.threshold)}")
    )
    figure.update_yaxes(title=axis(result).label, rangemode="tozero", nticks=6)
    figure.update_layout(showlegend=True)
    drills = tuple(of_row(result, row) for row in past)
    return Chart(
        figure, _words(past, found), [*(_was(row, result) for row in past), *(_will_be(one) for one in found.days)],
        340, drills, (*drills, *(None for _ in found.days)), (result,),
        [
            *({**exact(row, result.unit), "80 % low": None, "80 % high": None} for row in past),
            *({**exact(None, result.unit), f"Value ({result.unit})": one.open, "80 % low": one.low,
               "80 % high": one.high} for one in found.days),
        ],
    )  # fmt: skip


def _path(figure: go.Figure, past: Sequence[Row], days: Sequence[RunwayDay]) -> None:
    """The band, and the middle joined to the last day that was."""
    ahead = [one.day for one in days]
    for edge, fill in (([one.high for one in days], None), ([one.low for one in days], "tonexty")):
        figure.add_scatter(
            x=ahead, y=edge, mode="lines", line={"width": 0}, fill=fill, fillcolor=FILLS[80], name="Four paths of five",
            showlegend=fill is not None, hoverinfo="skip",
        )  # fmt: skip
    joint = past[-1:] if days else []
    figure.add_scatter(
        x=[*(row.bucket for row in joint), *ahead], y=[*(row.value for row in joint), *(one.open for one in days)],
        name="Ahead", mode="lines", line={"color": SERIES[0], "width": 2, "dash": "dash"},
        text=["" for _ in joint] + [f"{numbers.count(round(one.open))} open, 80 %: {_between(one)}" for one in days],
        hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip


def _between(one: RunwayDay) -> str:
    return f"{numbers.count(round(one.low))} to {numbers.count(round(one.high))}"


def _words(past: Sequence[Row], found: Runway) -> str:
    was = f"{numbers.count(past[-1].value)} open on {past[-1].bucket}; " if past else ""
    if not found.days:
        return f"Backlog by day: {was or 'nothing'}".rstrip("; ")
    last = found.days[-1]
    return (
        f"Backlog by day: {was}path of {found.days[0].day} to {last.day}: {numbers.count(round(last.open))} on the last day, "
        f"80 %: {_between(last)}; threshold {numbers.count(found.threshold)}"
    )


def _was(row: Row, result: MetricResult) -> dict[str, Any]:
    return {"Day": row.bucket, "Open": value(row, result.unit), "80 %": "", "Ahead": "no"}


def _will_be(one: RunwayDay) -> dict[str, Any]:
    return {"Day": one.day, "Open": numbers.count(round(one.open)), "80 %": _between(one), "Ahead": "yes"}
