"""Bars and lines of a table that somebody put together: at most five series, each told apart without its colour."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core import numbers
from ui.charts.base import (
    DASHES,
    GROUND,
    JUDGED,
    MOST_SERIES,
    SERIES,
    SYMBOLS,
    TEXT,
    Axis,
    Chart,
    axis,
    exact,
)
from ui.explore_grid import drill_of, label, said, worth

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from analytics.exploration import Cell, Exploration, Place
    from analytics.result import MetricResult
    from core.filters import Filters
    from ui.drill import Drill

PATTERNS = ("", "/", ".", "x", "-")
MOST_BARS = 20
PLOT, LINE = 270, 14  # pixels: how high the plot is, and a line of text


@dataclass(frozen=True, slots=True)
class Point:
    """One mark: where it stands on the axis of names or of time, and the place of its number."""

    at: Any
    place: Place
    cell: Cell


@dataclass
class Drawing:
    """A figure in the making: marks carry the index of their drill."""

    found: Exploration
    metric: str
    values: str
    within: Filters | None
    figure: go.Figure
    scale: Axis
    drills: list[Drill | None] = field(default_factory=list)

    @property
    def result(self) -> MetricResult:
        """The metric as it was computed."""
        return self.found.result(self.metric)

    def marks(self, points: Sequence[Point]) -> dict[str, Any]:
        """What every trace needs: indexes of drills, and the words under the pointer."""
        first = len(self.drills)
        self.drills += [
            drill_of(self.found, one.place, self.within) if one.cell.n else None for one in points
        ]
        return {
            "customdata": list(range(first, len(self.drills))),
            "text": [self.said(one.cell) for one in points],
            "hovertemplate": "%{fullData.name}: %{text}<extra></extra>",
        }

    def said(self, cell: Cell) -> str:
        """A number in words, with its n and whether it is over."""
        text = said(cell, self.result.unit, self.values)
        n = "" if self.result.unit == "count" or self.values == "n" else f", n {numbers.count(cell.n)}"
        return text + n + (", not whole" if cell.partial else "")

    def height(self, cell: Cell) -> float | None:
        """A number on the axis; nothing where it rests on too few."""
        number = worth(cell, self.result.unit, self.values)
        if number is None or self.values == "n":
            return number
        if self.values == "share":
            return number * 100
        few = cell.n < numbers.SMALL_N and self.result.unit in JUDGED
        return None if few else number * self.scale.factor

    @property
    def label(self) -> str:
        """What the axis counts."""
        if self.values == "share":
            return "% of total"
        if self.values == "n":
            return self.result.counts
        unit = "pp" if self.values == "change" and self.result.unit == "share" else self.scale.label
        return f"change, {unit}" if self.values == "change" else unit


def _drawing(found: Exploration, metric: str, values: str, within: Filters | None) -> Drawing:
    import plotly.graph_objects as go

    return Drawing(found, metric, values, within, go.Figure(), axis(found.result(metric)))


def bars(
    found: Exploration, metric: str, values: str, within: Filters | None = None, *, stacks: bool
) -> Chart:
    """Bars of the rows, or of the buckets where there is a step; `stacks` where parts add up to their bar."""
    import plotly.graph_objects as go

    drawing = _drawing(found, metric, values, within)
    series = _over_time(found, metric) if found.buckets else _by_row(found, metric)
    shown, flat = series[:MOST_SERIES], not found.buckets
    for place, (name, points) in enumerate(shown):
        heights = [drawing.height(one.cell) for one in points]
        where, long = [one.at for one in points], len(shown) == 1
        axes: dict[str, Any] = (
            {"y": where, "x": heights, "orientation": "h"} if flat else {"x": where, "y": heights}
        )
        marks = drawing.marks(points)
        drawing.figure.add_trace(
            go.Bar(
                **axes, **marks, name=name, textposition="auto" if flat and long else "none",
                insidetextanchor="start", textangle=0,
                marker={
                    "color": SERIES[place], "line_width": 0,
                    "opacity": [0.45 if one.cell.partial or one.cell.immature else 1.0 for one in points],
                    "pattern": {"shape": PATTERNS[place], "fillmode": "overlay", "fgcolor": GROUND, "size": 6,
                                "solidity": 0.15},
                },
            )
        )  # fmt: skip
    stacked = stacks and len(shown) > 1 and values in ("number", "share", "n")
    drawing.figure.update_layout(
        barmode="stack" if stacked else "group", showlegend=len(shown) > 1, bargap=0.25
    )
    if flat:
        drawing.figure.update_layout(hovermode="closest")
        drawing.figure.update_yaxes(autorange="reversed", title=None, type="category")
        drawing.figure.update_xaxes(title=drawing.label, nticks=6, rangemode="tozero")
        groups = 1 if stacked else max(1, len(shown))
        count = max((len(points) for _, points in shown), default=1)
        return _chart(drawing, series, max(210, 72 + count * (22 + 10 * groups)))
    drawing.figure.update_yaxes(title=drawing.label, nticks=6, rangemode="tozero")
    return _chart(drawing, series, 360)


def lines(found: Exploration, metric: str, values: str, within: Filters | None = None) -> Chart:
    """A line a row (and column) over the buckets, with its name at its end; a bucket that is cut is hollow."""
    import plotly.graph_objects as go

    drawing, ends = _drawing(found, metric, values, within), list[tuple[str, list[tuple[Any, float]]]]()
    series = _over_time(found, metric)
    for place, (name, points) in enumerate(series[:MOST_SERIES]):
        heights = [drawing.height(one.cell) for one in points]
        hollow = [one.cell.partial or one.cell.immature for one in points]
        color = SERIES[place]
        drawing.figure.add_trace(
            go.Scatter(
                x=[one.at for one in points], y=heights, name=name, mode="markers", legendgroup=name, showlegend=False,
                marker={
                    "color": color, "size": 9 if len(points) <= 60 else 6, "line": {"width": 1.5, "color": color},
                    "symbol": [SYMBOLS[place] + ("-open" if is_open else "") for is_open in hollow],
                },
                **drawing.marks(points),
            )
        )  # fmt: skip
        whole = [None if is_open else y for y, is_open in zip(heights, hollow, strict=True)]
        drawing.figure.add_trace(
            go.Scatter(
                x=[one.at for one in points], y=whole, name=name, mode="lines", legendgroup=name, hoverinfo="skip",
                line={"color": color, "dash": DASHES[place], "width": 2.5},
            )
        )  # fmt: skip
        ends.append(
            (name, [(one.at, y) for one, y in zip(points, heights, strict=True) if y is not None][-1:])
        )
    if len(series) > 1:
        _name_the_ends(drawing.figure, [(name, *end[0]) for name, end in ends if end])
    drawing.figure.update_yaxes(title=drawing.label, rangemode="tozero", nticks=6)
    drawing.figure.update_layout(showlegend=len(series) > 1)
    return _chart(drawing, series, 380)


Series = list[tuple[str, list[Point]]]


def _name_the_ends(figure: go.Figure, ends: Sequence[tuple[str, Any, float]]) -> None:
    """The name of each line at its last mark; names that would lie on each other are pushed apart."""
    most = max((abs(y) for _, _, y in ends), default=0) or 1
    below = float("-inf")
    for name, x, y in sorted(ends, key=lambda end: end[2]):
        pixels = y / most * PLOT
        at = max(pixels, below + LINE)
        below = at
        figure.add_annotation(
            x=x, y=y, text=name, showarrow=False, xanchor="left", xshift=8, yshift=at - pixels,
            font={"color": TEXT, "size": 12}, bgcolor="rgba(0,0,0,0)",
        )  # fmt: skip


def _over_time(found: Exploration, metric: str) -> Series:
    """A series for each row and column, the largest n first; for the whole where there are none."""
    from analytics.exploration import Place

    rows = found.rows or (None,)
    columns: tuple[str | None, ...] = found.columns or (None,)
    wholes = [Place(metric, row, column) for row in rows for column in columns]
    if found.columns:
        wholes.sort(key=lambda place: -found.cell(place).n)
    made: Series = []
    for whole in wholes:
        named = " / ".join((*(whole.row or ()), *((whole.column,) if whole.column else ())))
        places = [Place(metric, whole.row, whole.column, at) for at in found.buckets]
        points = [Point(place.bucket, place, found.cell(place)) for place in places]
        if any(one.cell.n for one in points):
            made.append((named or found.result(metric).title, points))
    return made


def _by_row(found: Exploration, metric: str) -> Series:
    """A series a column over the rows; without rows one bar a column; without either the total."""
    from analytics.exploration import Place

    def series(name: str, places: Sequence[tuple[str, Place]]) -> tuple[str, list[Point]]:
        return name, [Point(at, place, found.cell(place)) for at, place in places]

    title = found.result(metric).title
    if not found.rows:
        places = [(column, Place(metric, None, column)) for column in found.columns] or [
            ("All", Place(metric))
        ]
        return [series(title, places[:MOST_BARS])]
    rows = found.rows[:MOST_BARS]
    columns: tuple[str | None, ...] = found.columns or (None,)
    return [
        series(column or title, [(" / ".join(row), Place(metric, row, column)) for row in rows])
        for column in columns
    ]


def _chart(drawing: Drawing, series: Series, height: int) -> Chart:
    """The chart with its words and the table of everything that is in it, shown or not."""
    found = drawing.found
    when: Callable[[Point], str] = lambda one: label(found, one.at) if found.buckets else str(one.at)  # noqa: E731
    rows = [
        {"Name": when(one), "Series": name, "Value": said(one.cell, drawing.result.unit, drawing.values), "n": one.cell.n}
        for name, points in series for one in points
    ]  # fmt: skip
    drills = tuple(
        drill_of(found, one.place, drawing.within) if one.cell.n else None
        for _, points in series
        for one in points
    )
    period = drawing.result.period
    told = "; ".join(f"{row['Name']} {row['Series']} {row['Value']}" for row in rows[:20])
    return Chart(
        drawing.figure, f"{drawing.result.title}, {period}: {told}", rows, height, tuple(drawing.drills), drills,
        (drawing.result,), [_exact(drawing, one.cell) for _, points in series for one in points],
    )  # fmt: skip


def _exact(drawing: Drawing, cell: Cell) -> dict[str, Any]:
    """A number in full for a file; a share of the total or a change beside the number it is of."""
    from analytics.result import Value

    unit, values = drawing.result.unit, drawing.values
    found = exact(Value(cell.value, cell.n, cell.low, cell.high), unit)
    if values in ("share", "change"):
        found[f"{values.capitalize()} ({'of total' if values == 'share' else unit})"] = worth(
            cell, unit, values
        )
    return found
