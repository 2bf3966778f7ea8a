"""Several metrics by group as dots on one scale: SLA of each clock by priority, with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core import numbers
from ui.charts.base import SERIES, SYMBOLS, Chart, axis, exact, value
from ui.drill import Drill, of_row

if TYPE_CHECKING:
    from analytics.result import MetricResult, Row


def dots(results: Sequence[MetricResult], title: str) -> Chart:
    """One symbol a metric, one line a group; groups in the order of the first metric's n. A share has its interval."""
    import plotly.graph_objects as go

    order = list(dict.fromkeys(row.group[0] for result in results for row in result.groups))
    figure, drills = go.Figure(), list[Drill | None]()
    table, files = list[dict[str, Any]](), list[dict[str, Any]]()
    scale = axis(*results)
    for place, result in enumerate(results):
        rows = [row for row in result.groups if scale.of(row) is not None]
        first = len(drills)
        drills += [of_row(result, row) for row in rows]
        figure.add_trace(
            go.Scatter(
                y=[row.group[0] for row in rows], x=[scale.of(row) for row in rows], mode="markers",
                name=result.title, customdata=list(range(first, len(drills))),
                text=[f"{value(row, result.unit)}, n {numbers.count(row.n)}" for row in rows],
                hovertemplate="%{y}, %{fullData.name}: %{text}<extra></extra>",
                marker={"color": SERIES[place], "symbol": SYMBOLS[place], "size": 12},
                error_x=_intervals(result) if result.unit == "share" else None,
            )
        )  # fmt: skip
        table += [_cells(row, result) for row in rows]
        files += [exact(row, result.unit) for row in rows]
    figure.update_yaxes(
        autorange="reversed", title=None, type="category", categoryarray=order, categoryorder="array"
    )
    figure.update_xaxes(title=scale.label, nticks=6)
    figure.update_layout(hovermode="closest", scattermode="group", scattergap=0.5)
    said = "; ".join(f"{row['Name']} {row['Metric'].lower()} {row['Value']}" for row in table)
    words = f"{title}, {results[0].period}: {said or 'too few to judge'}"
    return Chart(
        figure,
        words,
        table,
        max(220, 90 + 46 * len(order)),
        tuple(drills),
        results=tuple(results),
        exact=files,
    )


def _cells(row: Row, result: MetricResult) -> dict[str, Any]:
    return {"Name": row.group[0], "Metric": result.title, "Value": value(row, result.unit), "n": row.n}


def _intervals(result: MetricResult) -> dict[str, Any]:
    """Plotly's error bars from the 95 % interval: what lies above and what below the dot."""
    rows = [row for row in result.groups if not row.small and row.value is not None]
    return {
        "type": "data", "symmetric": False, "thickness": 1.5, "width": 0,
        "array": [100 * ((row.high or 0) - (row.value or 0)) for row in rows],
        "arrayminus": [100 * ((row.value or 0) - (row.low or 0)) for row in rows],
    }  # fmt: skip
