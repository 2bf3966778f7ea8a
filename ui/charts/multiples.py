"""Several groups over time, a small chart each on its own scale: what each would be if it moved as all do, in grey."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core import numbers
from ui.charts.base import OTHER, SERIES, TEXT, Chart, exact
from ui.drill import of_row

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from analytics.result import MetricResult, Row

MOST, ACROSS = 8, 2
HIGH = 92  # px of a small chart
LETTERS = 30


def multiples(result: MetricResult, title: str) -> Chart:
    """A count by group and bucket; the largest groups. A click on a mark opens its conversations."""
    from plotly.subplots import make_subplots

    groups = [row for row in result.groups if row.n][:MOST]
    rows = {one.group: [row for row in result.rows if row.group == one.group] for one in groups}
    deep = -(-len(groups) // ACROSS) or 1
    figure = make_subplots(
        rows=deep, cols=ACROSS, shared_xaxes=True, horizontal_spacing=0.06, vertical_spacing=0.32 / max(deep, 2),
        subplot_titles=[_title(one.group[0]) for one in groups],
    )  # fmt: skip
    marks: list[Row] = []
    for at, one in enumerate(groups):
        _panel(figure, result, one, rows[one.group], at, len(marks))
        marks += rows[one.group]
    figure.update_annotations(font={"size": 12, "color": TEXT}, xanchor="left")
    for at, note in enumerate(figure.layout.annotations):
        note.x = (at % ACROSS) * 0.53
    figure.update_yaxes(rangemode="tozero", nticks=3)
    figure.update_xaxes(nticks=4)
    figure.update_layout(showlegend=False, hovermode="closest")
    cells = [_row(row) for row in marks]
    said = "; ".join(
        f"{one.group[0]} {_course([row for row in rows[one.group] if not row.partial])}" for one in groups
    )
    return Chart(
        figure, f"{title} per {result.grain}, {result.period}: {said or 'nothing'}", cells, 60 + deep * (HIGH + 34),
        tuple(of_row(result, row) for row in marks), results=(result,), exact=[exact(row, result.unit) for row in marks],
    )  # fmt: skip


def _panel(figure: go.Figure, result: MetricResult, group: Row, rows: list[Row], at: int, first: int) -> None:
    import plotly.graph_objects as go

    totals: dict[Any, int] = {}
    for row in result.rows:
        totals[row.bucket] = totals.get(row.bucket, 0) + row.n
    part = group.n / max(sum(totals.values()), 1)
    place = {"row": at // ACROSS + 1, "col": at % ACROSS + 1}
    figure.add_trace(
        go.Scatter(
            x=[row.bucket for row in rows], y=[totals.get(row.bucket, 0) * part for row in rows], mode="lines",
            name="If it moved as all do", hoverinfo="skip", line={"color": OTHER, "width": 1.5, "dash": "dot"},
        ),
        **place,
    )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=[row.bucket for row in rows], y=[row.value for row in rows], mode="lines+markers", name=_title(group.group[0]),
            customdata=list(range(first, first + len(rows))), text=[_said(row) for row in rows],
            hovertemplate="%{fullData.name}: %{text}<extra></extra>", line={"color": SERIES[0], "width": 2},
            marker={"size": 5, "symbol": ["circle-open" if row.partial else "circle" for row in rows]},
        ),
        **place,
    )  # fmt: skip


def _title(name: str) -> str:
    text = name if len(name) <= LETTERS else name[: LETTERS - 1] + "…"
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _said(row: Row) -> str:
    return f"{row.bucket}, {numbers.count(row.value)}" + (", not over yet" if row.partial else "")


def _course(rows: list[Row]) -> str:
    if not rows:
        return "has no full bucket"
    peak = max(rows, key=lambda row: row.value or 0)
    ends = f"{numbers.count(rows[0].value)} to {numbers.count(rows[-1].value)}"
    return f"{ends}, highest {numbers.count(peak.value)} on {peak.bucket}"


def _row(row: Row) -> dict[str, Any]:
    return {
        "From": row.bucket,
        "Name": row.group[0],
        "Value": numbers.count(row.value),
        "Over": not row.partial,
    }
