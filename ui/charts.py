"""Charts: plotly figures whose colours follow the theme, each with words for it and a table under it.

Colours are the placeholders of Streamlit's plotly theme: the browser puts the palettes of config.toml in
their place, so a switch from light to dark needs no rerun.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit.elements.lib import streamlit_plotly_theme as theme

from core import numbers
from ui import tables

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from analytics.result import MetricResult, Row
    from rag.answer import Series

SERIES = (theme.CATEGORY_0, theme.CATEGORY_1, theme.CATEGORY_2, theme.CATEGORY_3, theme.CATEGORY_4)
OTHER = theme.GRAY_70
TEXT = theme.GRAY_90
LESS, MORE = theme.CATEGORY_0, theme.CATEGORY_1  # blue and orange: told apart by every eye
CONFIG = {"displayModeBar": False, "scrollZoom": False}
MOST_SERIES = 5


@dataclass(frozen=True)
class Chart:
    """A figure, what it says in words, and the rows it was drawn from."""

    figure: go.Figure
    words: str
    rows: list[dict[str, Any]]
    height: int = 320


def draw(chart: Chart, *, key: str, on_click: Callable[[], None] | None = None) -> None:
    """The figure with its words for screen readers, and its rows one click away."""
    chart.figure.update_layout(
        margin={"l": 8, "r": 8, "t": 24, "b": 8}, height=chart.height, hovermode="x unified",
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "xanchor": "left", "x": 0, "title": None},
        dragmode=False,
    )  # fmt: skip
    if on_click is None:
        st.plotly_chart(chart.figure, key=key, alt=chart.words, config=CONFIG)
    else:
        st.plotly_chart(
            chart.figure, key=key, alt=chart.words, config=CONFIG, on_select=on_click, selection_mode="points"
        )
    with st.expander("Show as a table", icon=":material/table:", key=f"{key}_table"):
        tables.plain(chart.rows, alt=chart.words)


def flow(created: MetricResult, solved: MetricResult, backlog: MetricResult) -> Chart:
    """Created against solved as bars, and below them the backlog as a line: never a second axis."""
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.64, 0.36], vertical_spacing=0.1)
    for result, name, color, shape in (
        (created, "Created", SERIES[0], ""),
        (solved, "Solved", SERIES[1], "/"),
    ):
        figure.add_trace(
            go.Bar(
                x=[row.bucket for row in result.rows], y=[row.value for row in result.rows], name=name,
                marker={
                    "color": color, "line_width": 0,
                    "opacity": [0.45 if row.partial else 1.0 for row in result.rows],
                    "pattern": {"shape": shape, "fillmode": "overlay", "fgcolor": theme.BG_COLOR, "size": 6, "solidity": 0.2},
                },
                hovertemplate="%{y:,.0f} " + name.lower() + "<extra></extra>",
            ),
            row=1, col=1,
        )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=[row.bucket for row in backlog.rows], y=[row.value for row in backlog.rows], name="Backlog",
            mode="lines", line={"color": SERIES[2], "width": 2.5},
            hovertemplate="%{y:,.0f} open<extra></extra>",
        ),
        row=2, col=1,
    )  # fmt: skip
    for result, place in ((created, 1), (solved, 1), (backlog, 2)):
        for line in result.targets:
            heights = [point.value for point in line.points]
            label = f"{line.label} {result.title.lower()}"
            figure.add_trace(_goal([point.bucket for point in line.points], heights, label), row=place, col=1)
    figure.update_yaxes(
        title_text="per " + (created.grain or "day"), rangemode="tozero", nticks=5, row=1, col=1
    )
    figure.update_yaxes(title_text="backlog", nticks=4, row=2, col=1)
    figure.update_layout(barmode="group", bargap=0.25)
    _mark_peak(figure, created)
    return Chart(figure, _flow_words(created, solved, backlog), _flow_rows(created, solved, backlog), 400)


def _goal(buckets: Sequence[Any], heights: Sequence[float], label: str) -> go.Scatter:
    """A target as a thin stepped line with its label in the legend and under the pointer."""
    import plotly.graph_objects as go

    return go.Scatter(
        x=buckets, y=heights, name=label, mode="lines" if len(buckets) > 1 else "markers",
        line={"color": OTHER, "dash": "dot", "width": 1.5, "shape": "hv"}, marker={"color": OTHER},
        hovertemplate="%{fullData.name}<extra></extra>",
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
        ax=34, ay=-8, font={"color": TEXT, "size": 13}, arrowcolor=OTHER, row=1, col=1,
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
            "From": row.bucket, "Created": _whole(row.value), "Solved": _whole(done.get(row.bucket)),
            "Backlog": _whole(left.get(row.bucket)), "Not over yet": row.partial,
        }
        for row in created.rows
    ]  # fmt: skip


def parts(result: MetricResult, title: str) -> Chart:
    """A metric by group as horizontal bars, the period before as an open mark beside each."""
    import plotly.graph_objects as go

    shown = _top(result.groups, 8)
    names = [row.group[0] for row in shown]
    figure = go.Figure(
        go.Bar(
            y=names, x=[row.value for row in shown], orientation="h", name="This period",
            marker={"color": SERIES[0], "line_width": 0}, customdata=names,
            text=[numbers.count(row.value) for row in shown], textposition="inside", insidetextanchor="start",
            hovertemplate="%{y}: %{x:,.0f}<extra></extra>",
        )
    )  # fmt: skip
    if result.previous is not None:
        figure.add_trace(
            go.Scatter(
                y=names, x=[row.previous.value if row.previous else None for row in shown], mode="markers",
                name="Period before", customdata=names,
                marker={"symbol": "line-ns", "size": 20, "line": {"width": 3, "color": TEXT}},
                hovertemplate="%{y}: %{x:,.0f} before<extra></extra>",
            )
        )  # fmt: skip
    figure.update_yaxes(autorange="reversed", title=None)
    figure.update_xaxes(title=None, rangemode="tozero", nticks=5)
    words = f"{title}, {result.period}: " + ", ".join(
        f"{n} {numbers.count(r.value)}" for n, r in zip(names, shown, strict=True)
    )
    return Chart(figure, words, [_part_row(row) for row in result.groups], max(210, 62 + 34 * len(shown)))


def series(shown: Series) -> Chart:
    """The chart of an answer: bars of groups, or a line over time with at most five groups."""
    import plotly.graph_objects as go

    figure = go.Figure()
    groups = list(dict.fromkeys(point.group for point in shown.points))[:MOST_SERIES]
    scale = 100 if shown.unit == "share" else 1 / 3600 if shown.unit == "seconds" else 1
    for group, color, dash in zip(
        groups, SERIES, ("solid", "dash", "dot", "dashdot", "longdash"), strict=False
    ):
        points = [point for point in shown.points if point.group == group and point.value is not None]
        heights = [scale * (point.value or 0) for point in points]
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
                _goal([bucket for bucket, _ in goal.points], [scale * y for _, y in goal.points], goal.label)
            )
    figure.update_yaxes(title={"share": "%", "seconds": "hours"}.get(shown.unit, ""), rangemode="tozero")
    lines = len(figure.data) if shown.grain is not None else 1
    figure.update_layout(showlegend=lines > 1)
    rows = [
        {"From": point.bucket, "Group": point.group, "Value": numbers.value(point.value, shown.unit, point.n), "n": point.n}
        for point in shown.points
    ]  # fmt: skip
    return Chart(figure, f"{shown.title}: {len(rows)} points in {len(groups)} groups", rows, 260)


def _part_row(row: Row) -> dict[str, Any]:
    before = row.previous.value if row.previous else None
    return {"Name": row.group[0], "This period": _whole(row.value), "Period before": _whole(before)}


def _top(rows: Sequence[Row], most: int) -> list[Row]:
    return list(rows[:most])


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)
