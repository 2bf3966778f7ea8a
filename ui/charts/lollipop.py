"""How evenly something is spread: a stem and a head a group, and the average of all as a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core import numbers
from ui.charts.base import OTHER, SERIES, TEXT, Chart, value
from ui.drill import of_row

if TYPE_CHECKING:
    from analytics.result import MetricResult, Row

MOST = 25


def lollipop(
    result: MetricResult, rows: Sequence[Row], average: MetricResult, title: str, *, each: str = "agent"
) -> Chart:
    """Counts of groups, the most first, beside their average. A click on a head opens its conversations."""
    import plotly.graph_objects as go

    shown = list(rows[:MOST])
    names = [row.group[0] for row in shown]
    stems: tuple[list[float | None], list[str | None]] = ([], [])
    for name, row in zip(names, shown, strict=True):
        stems[0].extend((0, row.value, None))
        stems[1].extend((name, name, None))
    figure = go.Figure(
        go.Scatter(x=stems[0], y=stems[1], mode="lines", line={"color": OTHER, "width": 2}, hoverinfo="skip")
    )
    figure.add_trace(
        go.Scatter(
            x=[row.value for row in shown], y=names, mode="markers+text", customdata=list(range(len(shown))),
            text=[numbers.count(row.value) for row in shown], textposition="middle right",
            hovertemplate="%{y}: %{text} open<extra></extra>", marker={"color": SERIES[0], "size": 13},
        )
    )  # fmt: skip
    if average.total.value is not None:
        figure.add_vline(
            x=average.total.value, line={"color": TEXT, "width": 2, "dash": "dash"},
            annotation={"text": f"average {value(average.total, average.unit)}", "font": {"color": TEXT}},
            annotation_position="top right",
        )  # fmt: skip
    most = max([1.0, *(row.value or 0 for row in shown)])
    figure.update_yaxes(autorange="reversed", title=None, type="category", showgrid=False)
    figure.update_xaxes(title=result.counts, range=[0, most * 1.15], nticks=6, dtick=1 if most < 6 else None)
    figure.update_layout(showlegend=False, hovermode="closest")
    said = ", ".join(f"{name} {numbers.count(row.value)}" for name, row in zip(names, shown, strict=True))
    return Chart(
        figure, f"{title}, at the end of {result.period}: {said}; average {value(average.total, average.unit)}",
        [{each.capitalize(): row.group[0], "Open": round(row.value or 0)} for row in rows],
        max(230, 96 + 26 * len(shown)), drills=tuple(of_row(result, row) for row in rows), results=(result, average),
    )  # fmt: skip
