"""A metric over time: lines or bars, the open bucket set apart, each series named at its end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core import numbers
from ui.charts.base import (
    DASHES,
    MOST_SERIES,
    SERIES,
    SYMBOLS,
    TEXT,
    Chart,
    axis,
    goal,
    height,
    scale,
    shown,
    value,
)
from ui.drill import Drill, of_row

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from analytics.result import MetricResult, Row


def trend(results: Sequence[MetricResult], title: str, *, bars: bool = False, band: bool = True) -> Chart:
    """One metric (per group, where it is split), or several of one unit, such as a median and its 90th percentile.

    The interval of a lone share is drawn as a band. A click on a mark opens the conversations of its bucket.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    drills: list[Drill | None] = []
    lines = [(name, result, rows) for result in results for name, rows in _lines(result, len(results) > 1)]
    if band and len(lines) == 1 and results[0].unit == "share":
        _band(figure, lines[0][2])
    for place, (name, result, rows) in enumerate(lines[:MOST_SERIES]):
        first = len(drills)
        drills += [of_row(result, row) for row in rows]
        marks = list(range(first, len(drills)))
        add = _bars if bars else _line
        add(figure, name, result, rows, marks, place, alone=len(lines) == 1)
    _goals(figure, results)
    figure.update_yaxes(title=axis(results[0]), rangemode="tozero", nticks=6)
    figure.update_layout(showlegend=len(lines) > 1, bargap=0.2)
    cells = [_row(name, result, row, len(lines) > 1) for name, result, found in lines for row in found]
    all_drills = tuple(of_row(result, row) for _, result, found in lines for row in found)
    return Chart(figure, _words(title, lines), cells, 320, tuple(drills), all_drills, tuple(results))


def _lines(result: MetricResult, several: bool) -> list[tuple[str, list[Row]]]:
    """The largest groups, each with its buckets in order; the whole where it is not split."""
    if not result.by:
        return [(result.title, list(result.rows))]
    order = [row.group for row in result.groups]
    found: dict[tuple[str, ...], list[Row]] = {group: [] for group in order}
    for row in result.rows:
        found.setdefault(row.group, []).append(row)
    prefix = f"{result.title}, " if several else ""
    return [(prefix + " / ".join(group), rows) for group, rows in found.items() if rows]


def _line(
    figure: go.Figure, name: str, result: MetricResult, rows: Sequence[Row], marks: Sequence[int], place: int,
    *, alone: bool,
) -> None:  # fmt: skip
    import plotly.graph_objects as go

    color = SERIES[place]
    hollow = [row.partial or row.immature for row in rows]
    ends = [None if is_open else shown(row, result.unit) for row, is_open in zip(rows, hollow, strict=True)]
    if any(hollow):
        # The open bucket hangs on by a dotted line: it is not a fall, it is not over.
        _open_end(figure, result, rows, hollow, color)
    figure.add_trace(
        go.Scatter(
            x=[row.bucket for row in rows], y=[shown(row, result.unit) for row in rows], name=name,
            mode="markers", showlegend=False, customdata=list(marks), legendgroup=name,
            text=[_said(row, result) for row in rows], hovertemplate="%{fullData.name}: %{text}<extra></extra>",
            marker={
                "color": color, "symbol": [SYMBOLS[place] + ("-open" if is_open else "") for is_open in hollow],
                "size": 9 if len(rows) <= 60 else 6, "line": {"width": 1.5, "color": color},
            },
        )
    )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=[row.bucket for row in rows], y=ends, name=name, mode="lines", legendgroup=name,
            line={"color": color, "dash": DASHES[place], "width": 2.5}, hoverinfo="skip",
        )
    )  # fmt: skip
    if not alone:
        _name_the_end(figure, name, rows, result.unit, color)


def _open_end(
    figure: go.Figure, result: MetricResult, rows: Sequence[Row], hollow: Sequence[bool], color: str
) -> None:
    import plotly.graph_objects as go

    for place in [place for place, is_open in enumerate(hollow) if is_open]:
        ends = [rows[other] for other in (place - 1, place) if other >= 0]
        figure.add_trace(
            go.Scatter(
                x=[row.bucket for row in ends], y=[shown(row, result.unit) for row in ends], mode="lines",
                line={"color": color, "dash": "dot", "width": 1.5}, showlegend=False, hoverinfo="skip",
            )
        )  # fmt: skip


def _name_the_end(figure: go.Figure, name: str, rows: Sequence[Row], unit: str, color: str) -> None:
    last = next((row for row in reversed(rows) if shown(row, unit) is not None), None)
    if last is not None:
        figure.add_annotation(
            x=last.bucket, y=shown(last, unit), text=name, showarrow=False, xanchor="left", xshift=8,
            font={"color": TEXT, "size": 12}, bgcolor="rgba(0,0,0,0)",
        )  # fmt: skip


def _bars(
    figure: go.Figure, name: str, result: MetricResult, rows: Sequence[Row], marks: Sequence[int], place: int,
    *, alone: bool,
) -> None:  # fmt: skip
    import plotly.graph_objects as go

    figure.add_trace(
        go.Bar(
            x=[row.bucket for row in rows], y=[height(row.value, result.unit) for row in rows], name=name,
            customdata=list(marks), text=[_said(row, result) for row in rows], textposition="none",
            hovertemplate="%{fullData.name}: %{text}<extra></extra>",
            marker={
                "color": SERIES[place], "line_width": 0,
                "opacity": [0.45 if row.partial or row.immature else 1.0 for row in rows],
                "pattern": {"shape": ("", "/", ".", "x", "-")[place], "size": 6, "solidity": 0.2},
            },
        )
    )  # fmt: skip
    figure.update_layout(barmode="stack" if not alone else "group")


def _band(figure: go.Figure, rows: Sequence[Row]) -> None:
    """The 95 % interval of a share around its line."""
    import plotly.graph_objects as go

    known = [row for row in rows if row.low is not None and row.high is not None and not row.small]
    for heights, fill in ((
        [100 * (row.high or 0) for row in known], None), ([100 * (row.low or 0) for row in known], "tonexty",
    )):  # fmt: skip
        figure.add_trace(
            go.Scatter(
                x=[row.bucket for row in known], y=heights, mode="lines", line={"width": 0}, fill=fill,
                fillcolor="rgba(128,128,128,0.22)", name="95 % interval", showlegend=False, hoverinfo="skip",
            )
        )  # fmt: skip


def _goals(figure: go.Figure, results: Sequence[MetricResult]) -> None:
    for result in results:
        for line in result.targets:
            if line.group and not result.by:
                continue
            buckets = [point.bucket for point in line.points]
            heights = [point.value * scale(result.unit) for point in line.points]
            figure.add_trace(goal(buckets, heights, line.label))


def _said(row: Row, result: MetricResult) -> str:
    """A point in words, with its n and whether it is over."""
    told = value(row, result.unit) if row.value is not None else f"{numbers.MISSING} (n = {row.n})"
    n = "" if result.unit == "count" else f", n {numbers.count(row.n)}"
    return told + n + (", not over yet" if row.partial else ", too young to judge" if row.immature else "")


def _words(title: str, lines: Sequence[tuple[str, MetricResult, list[Row]]]) -> str:
    if not lines:
        return f"{title}: nothing in this period"
    result = lines[0][1]
    said = []
    for name, own, rows in lines:
        full = [row for row in rows if not (row.partial or row.immature) and row.value is not None]
        if full:
            peak = max(full, key=lambda row: row.value or 0)
            ends = f"{value(full[0], own.unit)} to {value(full[-1], own.unit)}"
            said.append(f"{name} {ends}, highest {value(peak, own.unit)} on {peak.bucket}")
    return f"{title} per {result.grain}, {result.period}: " + "; ".join(said)


def _row(name: str, result: MetricResult, row: Row, several: bool) -> dict[str, Any]:
    cells: dict[str, Any] = {"From": row.bucket}
    if several:
        cells["Series"] = name
    cells["Value"] = value(row, result.unit)
    if result.unit != "count":
        cells["n"] = row.n
    cells["Over"] = not row.partial
    return cells
