"""A metric by group: horizontal bars, the period before as a mark beside each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core import numbers
from ui.charts.base import SERIES, TEXT, Axis, Chart, axis, exact, step, value
from ui.drill import of_row

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from analytics.result import MetricResult, Row

MOST = 10
ROOM = 1.18  # of the longest: what the number beside it needs


def parts(result: MetricResult, title: str, *, most: int = MOST, hits: bool = False) -> Chart:
    """The largest groups; a click on one opens its conversations. A group under n = 5 shows its n, not a share."""
    import plotly.graph_objects as go

    rows = list(result.groups[:most])
    names = [row.group[0] for row in rows]
    scale, told = axis(result), [value(row, result.unit) for row in rows]
    figure = go.Figure(
        go.Bar(
            y=names, x=[scale.of(row) for row in rows], orientation="h", name="This period",
            marker={"color": SERIES[0], "line_width": 0}, customdata=list(range(len(rows))),
            text=told, textposition="none", hovertemplate="%{y}: %{text}<extra></extra>",
        )
    )  # fmt: skip
    if result.previous is not None:
        _before(figure, result, rows, scale)
    longest = _numbers(figure, rows, scale, told)
    figure.update_yaxes(autorange="reversed", title=None, type="category")
    figure.update_xaxes(title=scale.label, rangemode="tozero", nticks=5, dtick=step(result, longest))
    if longest and all((row.value or 0) >= 0 for row in rows):
        figure.update_xaxes(range=[0, longest * ROOM])
    said = ", ".join(f"{name} {number}" for name, number in zip(names, told, strict=True))
    drills = tuple(of_row(result, row, hits=hits) for row in result.groups)
    return Chart(
        figure, f"{title}, {result.period}: {said}", [_row(result, row) for row in result.groups],
        max(210, 72 + 32 * len(rows)), drills=drills, results=(result,),
        exact=[_exact(result, row) for row in result.groups],
    )  # fmt: skip


def _before(figure: go.Figure, result: MetricResult, rows: Sequence[Row], scale: Axis) -> None:
    import plotly.graph_objects as go

    before = [row.previous for row in rows]
    figure.add_trace(
        go.Scatter(
            y=[row.group[0] for row in rows], x=[scale.of(old) if old else None for old in before], mode="markers",
            name="Period before", customdata=list(range(len(rows))),
            text=[value(old, result.unit) if old else numbers.MISSING for old in before],
            marker={"symbol": "line-ns", "size": 20, "line": {"width": 3, "color": TEXT}},
            hovertemplate="%{y}: %{text} before<extra></extra>",
        )
    )  # fmt: skip


def _numbers(figure: go.Figure, rows: Sequence[Row], scale: Axis, told: Sequence[str]) -> float:
    """Each number right of its bar and of the mark, which would cover it beside a short bar; gives the longest end."""
    import plotly.graph_objects as go

    ends = [max(scale.of(row) or 0.0, (row.previous and scale.of(row.previous)) or 0.0) for row in rows]
    figure.add_trace(
        go.Scatter(
            y=[row.group[0] for row in rows], x=ends, mode="text", text=[f"\u2002{number}" for number in told],
            customdata=list(range(len(rows))), textposition="middle right", textfont={"color": TEXT},
            cliponaxis=False, hoverinfo="skip", showlegend=False,
        )
    )  # fmt: skip
    return max(ends, default=0.0)


def _exact(result: MetricResult, row: Row) -> dict[str, Any]:
    before = exact(row.previous, result.unit, "Period before") if result.previous else {}
    return exact(row, result.unit, "This period") | before


def _row(result: MetricResult, row: Row) -> dict[str, Any]:
    before = row.previous
    cells = {
        "Name": row.group[0],
        "This period": value(row, result.unit),
        "Period before": numbers.value(before.value, result.unit, before.n) if before else numbers.MISSING,
    }
    return cells if result.unit == "count" else {**cells, "n": row.n}
