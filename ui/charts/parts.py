"""A metric by group: horizontal bars, the period before as a mark beside each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core import numbers
from ui.charts.base import GROUND, SERIES, TEXT, Chart, axis, exact, step, value
from ui.drill import of_row

if TYPE_CHECKING:
    from analytics.result import MetricResult, Row

MOST = 10


def parts(result: MetricResult, title: str, *, most: int = MOST, hits: bool = False) -> Chart:
    """The largest groups; a click on one opens its conversations. A group under n = 5 shows its n, not a share."""
    import plotly.graph_objects as go

    rows = list(result.groups[:most])
    names = [row.group[0] for row in rows]
    index, scale = list(range(len(rows))), axis(result)
    figure = go.Figure(
        go.Bar(
            y=names, x=[scale.of(row) for row in rows], orientation="h", name="This period",
            marker={"color": SERIES[0], "line_width": 0}, customdata=index,
            text=[value(row, result.unit) for row in rows], textposition="auto", insidetextanchor="start",
            insidetextfont={"color": GROUND},
            textangle=0, hovertemplate="%{y}: %{text}<extra></extra>",
        )
    )  # fmt: skip
    if result.previous is not None:
        before = [row.previous for row in rows]
        figure.add_trace(
            go.Scatter(
                y=names, x=[scale.of(old) if old else None for old in before], mode="markers",
                name="Period before", customdata=index,
                text=[value(old, result.unit) if old else numbers.MISSING for old in before],
                marker={"symbol": "line-ns", "size": 20, "line": {"width": 3, "color": TEXT}},
                hovertemplate="%{y}: %{text} before<extra></extra>",
            )
        )  # fmt: skip
    figure.update_yaxes(autorange="reversed", title=None, type="category")
    longest = max((scale.of(row) or 0.0 for row in rows), default=0.0)
    figure.update_xaxes(title=scale.label, rangemode="tozero", nticks=5, dtick=step(result, longest))
    said = ", ".join(f"{name} {value(row, result.unit)}" for name, row in zip(names, rows, strict=True))
    drills = tuple(of_row(result, row, hits=hits) for row in result.groups)
    return Chart(
        figure, f"{title}, {result.period}: {said}", [_row(result, row) for row in result.groups],
        max(210, 72 + 32 * len(rows)), drills=drills, results=(result,),
        exact=[_exact(result, row) for row in result.groups],
    )  # fmt: skip


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
