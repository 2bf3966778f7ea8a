"""Created against solved, and what is left open below them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core import numbers
from ui.charts.base import GROUND, OTHER, SERIES, TEXT, Chart, goal, whole
from ui.drill import Drill, of_row

BELOW = {"xaxis": "x2", "yaxis": "y2"}

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from analytics.result import MetricResult


def flow(created: MetricResult, solved: MetricResult, backlog: MetricResult) -> Chart:
    """Created against solved as bars, and below them the backlog as a line: never a second axis."""
    import plotly.graph_objects as go

    drills: list[Drill | None] = []
    marks: list[Any] = []
    for result, name, color, shape in (
        (created, "Created", SERIES[0], ""),
        (solved, "Solved", SERIES[1], "/"),
    ):
        marks.append(_bars(result, name, color, shape, _marks(drills, result)))
    marks.append(_line(backlog, _marks(drills, backlog)).update(BELOW))
    for result, place in ((created, {}), (solved, {}), (backlog, BELOW)):
        for line in result.targets:
            heights = [point.value for point in line.points]
            label = f"{line.label} {result.title.lower()}"
            marks.append(goal([point.bucket for point in line.points], heights, label).update(place))
    figure = go.Figure(marks, _two_panels("per " + (created.grain or "day")))
    _mark_peak(figure, created)
    return Chart(
        figure, _flow_words(created, solved, backlog), _flow_rows(created, solved, backlog), 400,
        drills=tuple(drills), results=(created, solved, backlog),
        cells={
            name: _in_order(created, result)
            for name, result in (("Created", created), ("Solved", solved), ("Backlog", backlog))
        },
    )  # fmt: skip


def _in_order(created: MetricResult, result: MetricResult) -> tuple[Drill | None, ...]:
    """Drills of a number in the rows of the table, which are the buckets of what was created."""
    found = {row.bucket: of_row(result, row) for row in result.rows}
    return tuple(found.get(row.bucket) for row in created.rows)


def _two_panels(title: str) -> dict[str, Any]:
    """Two charts over the same days, the lower one with the days' names. plotly's own way to it takes five times as long."""
    return {
        "barmode": "group", "bargap": 0.25,
        "xaxis": {"anchor": "y", "domain": [0.0, 1.0], "matches": "x2", "showticklabels": False},
        "xaxis2": {"anchor": "y2", "domain": [0.0, 1.0]},
        "yaxis": {"anchor": "x", "domain": [0.424, 1.0], "title": {"text": title}, "rangemode": "tozero", "nticks": 5},
        "yaxis2": {"anchor": "x2", "domain": [0.0, 0.324], "title": {"text": "backlog"}, "nticks": 4},
    }  # fmt: skip


def _marks(drills: list[Drill | None], result: MetricResult) -> list[int]:
    """One drill a bucket, put behind those that are there already; gives their places."""
    first = len(drills)
    drills += [of_row(result, row) for row in result.rows]
    return list(range(first, len(drills)))


def _bars(result: MetricResult, name: str, color: str, shape: str, marks: list[int]) -> go.Bar:
    import plotly.graph_objects as go

    return go.Bar(
        x=[row.bucket for row in result.rows], y=[row.value for row in result.rows], name=name, customdata=marks,
        marker={
            "color": color, "line_width": 0, "opacity": [0.45 if row.partial else 1.0 for row in result.rows],
            "pattern": {"shape": shape, "fillmode": "overlay", "fgcolor": GROUND, "size": 6, "solidity": 0.2},
        },
        hovertemplate="%{y:,.0f} " + name.lower() + "<extra></extra>",
    )  # fmt: skip


def _line(backlog: MetricResult, marks: list[int]) -> go.Scatter:
    """With markers: a line without them answers to no click."""
    import plotly.graph_objects as go

    return go.Scatter(
        x=[row.bucket for row in backlog.rows], y=[row.value for row in backlog.rows], name="Backlog",
        mode="lines+markers", line={"color": SERIES[2], "width": 2.5}, customdata=marks,
        marker={"size": 7 if len(marks) <= 60 else 5, "symbol": "diamond"}, hovertemplate="%{y:,.0f} open<extra></extra>",
    )  # fmt: skip


def _mark_peak(figure: go.Figure, created: MetricResult) -> None:
    """Name the day that stands out: more than twice and a half the usual one."""
    values = sorted(row.value or 0 for row in created.rows)
    peak = max(created.rows, key=lambda row: row.value or 0, default=None)
    if peak is None or len(values) < 7 or (peak.value or 0) < max(10, 2.5 * values[len(values) // 2]):
        return
    day = f"{peak.bucket:%-d %b}" if peak.bucket else ""
    figure.add_annotation(
        x=peak.bucket, y=peak.value, text=f"{day}: {numbers.count(peak.value)}", showarrow=True, arrowhead=0,
        ax=34, ay=-8, font={"color": TEXT, "size": 13}, arrowcolor=OTHER, xref="x", yref="y",
    )  # fmt: skip


def _flow_words(created: MetricResult, solved: MetricResult, backlog: MetricResult) -> str:
    peak = max(created.rows, key=lambda row: row.value or 0, default=None)
    highest = f"; most on {peak.bucket} with {numbers.count(peak.value)}" if peak else ""
    return (
        f"Conversations per {created.grain}, {created.period}: {numbers.count(created.total.value)} created, "
        f"{numbers.count(solved.total.value)} solved{highest}. Backlog at the end {numbers.count(backlog.total.value)}."
    )


def _flow_rows(created: MetricResult, solved: MetricResult, backlog: MetricResult) -> list[dict[str, Any]]:
    done = {row.bucket: row.value for row in solved.rows}
    left = {row.bucket: row.value for row in backlog.rows}
    return [
        {
            "From": row.bucket, "Created": whole(row.value), "Solved": whole(done.get(row.bucket)),
            "Backlog": whole(left.get(row.bucket)), "Not over yet": row.partial,
        }
        for row in created.rows
    ]  # fmt: skip
