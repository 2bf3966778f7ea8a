"""The chart of an answer: bars of groups, or lines over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import numbers
from ui.charts.base import DASHES, MOST_SERIES, SERIES, Axis, Chart, duration_axis
from ui.charts.base import goal as goal_line

if TYPE_CHECKING:
    from rag.answer import Series


def series(shown: Series) -> Chart:
    """The chart of an answer: bars of groups, or a line over time with at most five groups."""
    import plotly.graph_objects as go

    figure = go.Figure()
    groups = list(dict.fromkeys(point.group for point in shown.points))[:MOST_SERIES]
    scale = _axis(shown)
    for group, color, dash in zip(groups, SERIES, DASHES, strict=False):
        points = [point for point in shown.points if point.group == group and point.value is not None]
        heights = [scale.height(point.value) for point in points]
        if shown.grain is None:
            figure.add_trace(go.Bar(x=[group], y=heights, name=group, marker={"color": SERIES[0]}))
        else:
            line = {"color": color, "dash": dash, "width": 2.5}
            figure.add_trace(
                go.Scatter(x=[p.bucket for p in points], y=heights, name=group or shown.title, line=line,
                           mode="lines+markers" if len(points) < 40 else "lines")
            )  # fmt: skip
    for goal in shown.goals:
        if shown.grain is not None and goal.group in groups:
            figure.add_trace(
                goal_line(
                    [bucket for bucket, _ in goal.points],
                    [scale.height(y) for _, y in goal.points],
                    goal.label,
                )
            )
    figure.update_yaxes(title=scale.label, rangemode="tozero")
    lines = len(figure.data) if shown.grain is not None else 1
    figure.update_layout(showlegend=lines > 1)
    rows = [
        {"From": point.bucket, "Group": point.group, "Value": numbers.value(point.value, shown.unit, point.n), "n": point.n}
        for point in shown.points
    ]  # fmt: skip
    files = [{f"Value ({shown.unit})": point.value} for point in shown.points]
    return Chart(figure, f"{shown.title}: {len(rows)} points in {len(groups)} groups", rows, 260, exact=files)


def _axis(shown: Series) -> Axis:
    if shown.unit != "seconds":
        return Axis(shown.unit, 100 if shown.unit == "share" else 1, "%" if shown.unit == "share" else "")
    heights = [point.value for point in shown.points if point.value is not None]
    return duration_axis(max([*heights, *(y for goal in shown.goals for _, y in goal.points)], default=0))
