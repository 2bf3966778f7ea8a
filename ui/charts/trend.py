"""A metric over time: lines or bars, the open bucket set apart, each series named at its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core import numbers
from ui.charts.base import (
    DASHES,
    GROUND,
    MOST_SERIES,
    SERIES,
    SYMBOLS,
    TEXT,
    Axis,
    Chart,
    axis,
    exact,
    goal,
    value,
)
from ui.drill import Drill, of_row

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from analytics.result import MetricResult, Row

NEAR = 0.08  # names are so much of the height apart, also where the ends are nearer
LETTER_PX = 7


@dataclass(frozen=True)
class Line:
    """One series: its name, the metric, its buckets in order, and its place among the colours."""

    name: str
    result: MetricResult
    rows: Sequence[Row]
    place: int

    def is_open(self, row: Row) -> bool:
        """Whether a bucket is not over, or too young to be judged."""
        return row.partial or row.immature


def trend(results: Sequence[MetricResult], title: str, *, bars: bool = False, band: bool = True) -> Chart:
    """One metric (per group, where it is split), or several of one unit, such as a median and its 90th percentile.

    The interval of a lone share is drawn as a band. A click on a mark opens the conversations of its bucket.
    """
    import plotly.graph_objects as go

    lines, scale = _lines(results), axis(*results)
    drawn = lines[:MOST_SERIES]
    figure, drills = go.Figure(), list[Drill | None]()
    if band and len(lines) == 1 and results[0].unit == "share":
        _band(figure, lines[0])
    for line in drawn:
        marks = list(range(len(drills), len(drills) + len(line.rows)))
        drills += [of_row(line.result, row) for row in line.rows]
        (_bars if bars else _points)(figure, line, scale, marks)
    _goals(figure, results, scale)
    named = _name_the_ends(figure, drawn, scale) if len(drawn) > 1 and not bars else False
    figure.update_yaxes(title=scale.label, rangemode="tozero", nticks=6)
    figure.update_layout(
        showlegend=(len(drawn) > 1 and not named) or any(r.targets for r in results), bargap=0.2
    )
    cells = [_row(line, row, len(lines) > 1) for line in lines for row in line.rows]
    files = [exact(row, line.result.unit) for line in lines for row in line.rows]
    of_rows = tuple(of_row(line.result, row) for line in lines for row in line.rows)
    return Chart(figure, _words(title, lines), cells, 320, tuple(drills), of_rows, tuple(results), files)


def _lines(results: Sequence[MetricResult]) -> list[Line]:
    """The largest groups, each with its buckets in order; the whole where it is not split."""
    found: list[tuple[str, MetricResult, list[Row]]] = []
    for result in results:
        if not result.by:
            found.append(
                (
                    result.title.rpartition(", ")[2] if len(results) > 1 else result.title,
                    result,
                    [*result.rows],
                )
            )
            continue
        groups: dict[tuple[str, ...], list[Row]] = {row.group: [] for row in result.groups}
        for row in result.rows:
            groups.setdefault(row.group, []).append(row)
        found += [(" / ".join(group), result, rows) for group, rows in groups.items() if rows]
    return [Line(name, result, rows, place) for place, (name, result, rows) in enumerate(found)]


def _points(figure: go.Figure, line: Line, scale: Axis, marks: Sequence[int]) -> None:
    """Marks that can be clicked, a line through those that are over, a dotted one to those that are not."""
    import plotly.graph_objects as go

    color, symbol = SERIES[line.place], SYMBOLS[line.place]
    buckets, heights = [row.bucket for row in line.rows], [scale.of(row) for row in line.rows]
    is_open = [line.is_open(row) for row in line.rows]
    for at in (at for at, hollow in enumerate(is_open) if hollow and at):
        figure.add_trace(
            go.Scatter(
                x=buckets[at - 1 : at + 1], y=heights[at - 1 : at + 1], mode="lines", showlegend=False, hoverinfo="skip",
                line={"color": color, "dash": "dot", "width": 1.5},
            )
        )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=buckets, y=[None if hollow else y for y, hollow in zip(heights, is_open, strict=True)], name=line.name,
            mode="lines", legendgroup=line.name, hoverinfo="skip",
            line={"color": color, "dash": DASHES[line.place], "width": 2.5},
        )
    )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=buckets, y=heights, name=line.name, mode="markers", showlegend=False, legendgroup=line.name,
            customdata=list(marks), text=[_said(row, line.result) for row in line.rows],
            hovertemplate="%{fullData.name}: %{text}<extra></extra>",
            marker={
                "color": color, "symbol": [symbol + ("-open" if hollow else "") for hollow in is_open],
                "size": 8 if len(line.rows) <= 60 else 5, "line": {"width": 1.5, "color": color},
            },
        )
    )  # fmt: skip


def _name_the_ends(figure: go.Figure, lines: Sequence[Line], scale: Axis) -> bool:
    """Each series named beside its last mark, or as near as the names below it allow; whether all are named."""
    ends = []
    for line in lines:
        last = next((height for row in reversed(line.rows) if (height := scale.of(row)) is not None), None)
        if last is not None:
            ends.append((last, line))
    heights = [height for line in lines for row in line.rows if (height := scale.of(row)) is not None]
    apart = NEAR * (max(heights, default=0) or 1)
    placed: list[float] = []
    for end, line in sorted(ends, key=lambda one: one[0]):
        placed.append(max(end, placed[-1] + apart) if placed else end)
        figure.add_annotation(
            x=1, xref="paper", y=placed[-1], text=line.name, showarrow=False, xanchor="left", xshift=6,
            font={"color": TEXT, "size": 12},
        )  # fmt: skip
    if placed:
        longest = max(len(line.name) for _, line in ends)
        figure.update_layout(margin_r=min(180, 12 + LETTER_PX * longest))
    return len(placed) == len(lines)


def _bars(figure: go.Figure, line: Line, scale: Axis, marks: Sequence[int]) -> None:
    import plotly.graph_objects as go

    figure.add_trace(
        go.Bar(
            x=[row.bucket for row in line.rows], y=[scale.height(row.value) for row in line.rows], name=line.name,
            customdata=list(marks), text=[_said(row, line.result) for row in line.rows], textposition="none",
            hovertemplate="%{fullData.name}: %{text}<extra></extra>",
            marker={
                "color": SERIES[line.place], "line_width": 0,
                "opacity": [0.45 if line.is_open(row) else 1.0 for row in line.rows],
                "pattern": {
                    "shape": ("", "/", ".", "x", "-")[line.place], "fillmode": "overlay", "fgcolor": GROUND, "size": 6,
                    "solidity": 0.2,
                },
            },
        )
    )  # fmt: skip
    figure.update_layout(barmode="stack")


def _band(figure: go.Figure, line: Line) -> None:
    """The 95 % interval of a share around its line."""
    import plotly.graph_objects as go

    known = [row for row in line.rows if row.low is not None and row.high is not None and not row.small]
    for ends, fill in (([row.high for row in known], None), ([row.low for row in known], "tonexty")):
        figure.add_trace(
            go.Scatter(
                x=[row.bucket for row in known], y=[100 * (end or 0) for end in ends], mode="lines", line={"width": 0},
                fill=fill, fillcolor="rgba(128,128,128,0.22)", name="95 % interval", showlegend=False, hoverinfo="skip",
            )
        )  # fmt: skip


def _goals(figure: go.Figure, results: Sequence[MetricResult], scale: Axis) -> None:
    for result in results:
        for line in result.targets:
            if not line.group or result.by:
                heights = [point.value * scale.factor for point in line.points]
                figure.add_trace(goal([point.bucket for point in line.points], heights, line.label))


def _said(row: Row, result: MetricResult) -> str:
    """A point in words, with its n and whether it is over."""
    told = value(row, result.unit) if row.value is not None else f"{numbers.MISSING} (n = {row.n})"
    n = "" if result.unit == "count" else f", n {numbers.count(row.n)}"
    return told + n + (", not over yet" if row.partial else ", too young to judge" if row.immature else "")


def _words(title: str, lines: Sequence[Line]) -> str:
    if not lines:
        return f"{title}: nothing in this period"
    result, said = lines[0].result, []
    for line in lines:
        full = [row for row in line.rows if not line.is_open(row) and row.value is not None and not row.small]
        if full:
            peak, unit = max(full, key=lambda row: row.value or 0), line.result.unit
            ends = f"{value(full[0], unit)} to {value(full[-1], unit)}"
            said.append(f"{line.name} {ends}, highest {value(peak, unit)} on {peak.bucket}")
    return f"{title} per {result.grain}, {result.period}: " + ("; ".join(said) or "too few to judge")


def _row(line: Line, row: Row, several: bool) -> dict[str, Any]:
    cells: dict[str, Any] = {"From": row.bucket}
    if several:
        cells["Series"] = line.name
    cells["Value"] = value(row, line.result.unit)
    if line.result.unit != "count":
        cells["n"] = row.n
    cells["Over"] = not row.partial
    return cells
