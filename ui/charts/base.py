"""What every chart shares: its words, its rows, what a click on a mark means, and the tools below it.

Colours are the placeholders of Streamlit's plotly theme: the browser puts the palettes of config.toml in their place
when a figure is first drawn. After a switch from light to dark a chart is therefore another figure (`ui/look.py`).
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit.elements.lib import streamlit_plotly_theme as theme

from core import numbers
from core.filters import Period
from ui import audit, explore, export, look, notes, picture, sheet, tables
from ui.charts.unlinked import unlink
from ui.drill import Drill, chosen, chosen_cell, pressed

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from analytics.result import MetricResult, Row, Value

SERIES = (theme.CATEGORY_0, theme.CATEGORY_1, theme.CATEGORY_2, theme.CATEGORY_3, theme.CATEGORY_4)
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x")
OTHER = theme.GRAY_70
TEXT = theme.GRAY_90
GROUND = theme.BG_COLOR
LESS, MORE = theme.CATEGORY_0, theme.CATEGORY_1  # blue and orange: told apart by every eye
# Cividis, from little to much; the dark theme's begins dark.
SCALE = tuple(getattr(theme, f"SEQUENTIAL_{step}") for step in range(10))
FEW_MARKS = 5  # of an axis
MOST_SERIES = 5  # from the sixth on colours are not told apart: small multiples, or "others"
JUDGED = ("share", "seconds", "score", "number", "points")  # of fewer than five these say nothing
LEGEND = {"orientation": "h", "yanchor": "bottom", "y": 1.0, "xanchor": "left", "x": 0}
DURATIONS = ((4 * 86_400, 86_400, "days"), (2 * 3_600, 3_600, "hours"), (0, 60, "minutes"))


@dataclass(frozen=True)
class Chart:
    """A figure, what it says in words, and the rows it was drawn from.

    A mark's `customdata` is an index into `drills`; `row_drills` are those of the table's rows (the same ones,
    where there are as many). `results` are the metrics shown: they can be opened, and head an export. `exact` are
    the numbers in full that a file has beside each row, where the table has words. `about` heads the file of a chart
    without results: filters, period, definition. `cells` are drills of a table's cells, by column, where a row has
    several numbers. `until` is the last day drawn where days ahead follow those of the results: notes stand on them too.
    """

    figure: go.Figure
    words: str
    rows: list[dict[str, Any]]
    height: int = 320
    drills: tuple[Drill | None, ...] = ()
    row_drills: tuple[Drill | None, ...] = ()
    results: tuple[MetricResult, ...] = ()
    exact: list[dict[str, Any]] = field(default_factory=list)
    about: Mapping[str, str] = field(default_factory=dict)
    cells: Mapping[str, tuple[Drill | None, ...]] = field(default_factory=dict)
    until: date | None = None

    def __post_init__(self) -> None:
        """Names of the data are in the figure, and are no links of it."""
        unlink(self.figure)

    @property
    def of_rows(self) -> tuple[Drill | None, ...]:
        """What choosing a row of the table means."""
        return self.row_drills or (self.drills if len(self.drills) == len(self.rows) else ())


def draw(chart: Chart, *, key: str) -> None:
    """The figure with its words for screen readers; below it the table, how it was computed, and the way out."""
    _lay_out(chart)
    noted = ". ".join(part for part in (_moods(chart), _note(chart)) if part)
    if noted:
        chart = replace(chart, words=f"{chart.words}. {noted}")
    sheet.chart(chart, key=key)
    with st.container(key=key, gap="xsmall"):
        _figure(chart, key)
        if noted:
            st.caption(tables.escaped(noted))
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"{key}_tools"):
            is_open = st.toggle("Table", key=f"{key}_table")
            audit.menu(chart.results, key=f"{key}_audit")
            explore.button(chart.results, key=f"{key}_explore")
            export.menu(chart, key=key)
        if is_open:
            with sheet.quiet():
                table(chart, key=f"{key}_rows")


def _lay_out(chart: Chart) -> None:
    """Whole parts are set, not updated: plotly takes twelve times as long to compare what was there."""
    layout = chart.figure.layout
    layout.margin = {"l": 8, "r": layout.margin.r or 8, "t": 24, "b": 8}
    layout.height, layout.dragmode = chart.height, False
    layout.legend = layout.legend.to_plotly_json() | LEGEND
    if layout.hovermode is None:
        layout.hovermode = "x unified"


def _note(chart: Chart) -> str:
    """What people noted on these days, drawn into a chart over time, and the sentence that says it."""
    first = next((result for result in chart.results if result.grain), None)
    if first is None:
        return ""
    drawn = Period(first.period.start, max(first.period.end, chart.until or first.period.end))
    return notes.marks(chart.figure, drawn, [result.name for result in chart.results], first.filters)


def _moods(chart: Chart) -> str:
    """Who scored the moods, where a chart is about some."""
    from analytics.moods import noted

    found = dict.fromkeys(noted(result.notes) for result in chart.results)
    return "; ".join(f"Moods by {by}" for by in found if by)


def _figure(chart: Chart, key: str) -> None:
    if not any(chart.drills):
        st.plotly_chart(
            chart.figure, key=f"{key}_figure{look.changed_to()}", alt=chart.words, config=picture.config()
        )
        return
    # A key of its own for what is shown: a mark chosen under other filters is not chosen here.
    own = f"{key}_figure{look.changed_to()}_{zlib.crc32(repr(chart.drills).encode())}"
    st.plotly_chart(
        chart.figure, key=own, alt=chart.words, config=picture.config(),
        on_select=pressed(own, chart.drills, place=key), selection_mode="points",
    )  # fmt: skip


def table(chart: Chart, *, key: str) -> None:
    """The rows of a chart; choosing one, or one of its cells, does what a click on its mark does."""
    if chart.cells:
        st.caption("Choose a number to open its conversations.")
        tables.plain(
            chart.rows,
            alt=chart.words,
            key=key,
            on_select=chosen_cell(key, chart.cells),
            selection_mode="single-cell",
        )
        return
    drills = chart.of_rows
    if not any(drills):
        tables.plain(chart.rows, alt=chart.words)
        return
    st.caption("Choose a row to open its conversations.")
    tables.plain(
        chart.rows, alt=chart.words, key=key, on_select=chosen(key, drills), selection_mode="single-row"
    )


def below_table(
    rows: Sequence[Mapping[str, Any]],
    words: str,
    *,
    key: str,
    results: Sequence[MetricResult] = (),
    exact: Sequence[Mapping[str, Any]] = (),
    about: Mapping[str, str] | None = None,
) -> None:
    """What stands below a table that no chart was drawn from: how it was computed, and the way out."""
    import plotly.graph_objects as go

    made = Chart(
        go.Figure(), words, [dict(row) for row in rows], results=tuple(results),
        exact=[dict(row) for row in exact], about=about or {},
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        audit.menu(made.results, key=f"{key}_audit")
        export.menu(made, key=f"{key}_table")


@dataclass(frozen=True, slots=True)
class Axis:
    """How numbers of one unit are drawn: each times `factor`, under the title `label`."""

    unit: str
    factor: float
    label: str

    def height(self, value: float | None) -> float | None:
        """A number on this axis."""
        return None if value is None else value * self.factor

    def of(self, row: Row | Value) -> float | None:
        """A row on this axis, None where it rests on too few to be drawn."""
        return None if row.small and self.unit in JUDGED else self.height(row.value)


def axis(result: MetricResult, *more: MetricResult) -> Axis:
    """The axis that suits the numbers of some results of one unit: minutes, hours or days for durations."""
    if result.unit != "seconds":
        factor = 100 if result.unit == "share" else 1
        return Axis(
            result.unit, factor, "%" if factor == 100 else result.counts if result.unit == "count" else ""
        )
    rows: list[Row | Value] = []
    for one in (result, *more):
        rows += [one.total, *one.rows, *one.groups]
    return duration_axis(
        max((abs(row.value) for row in rows if row.value is not None and not row.small), default=0)
    )


def duration_axis(most: float) -> Axis:
    """Days from four days on, hours from two hours on, minutes below; `most` in seconds."""
    size, label = next((size, label) for limit, size, label in DURATIONS if most >= limit)
    return Axis("seconds", 1 / size, label)


def step(result: MetricResult, most: float) -> int | None:
    """Between the marks of an axis: one where a count is small, for there is no half of a thing; None lets plotly choose."""
    return 1 if result.unit == "count" and most <= FEW_MARKS else None


def value(row: Row | Value, unit: str) -> str:
    """A row's number in words."""
    return numbers.value(row.value, unit, row.n)


def exact(row: Row | Value | None, unit: str, name: str = "Value") -> dict[str, Any]:
    """A number in full for a file: in its unit, with what it rests on, and of a share its 95 % interval."""
    found = {f"{name} ({unit})": row.value if row else None, f"{name}, n": row.n if row else None}
    if unit == "share":
        found |= {f"{name}, low": row.low if row else None, f"{name}, high": row.high if row else None}
    return found


def whole(number: float | None) -> int | None:
    """A count for a table: never a decimal."""
    return None if number is None else round(number)


def goal(buckets: Sequence[Any], heights: Sequence[float | None], label: str) -> go.Scatter:
    """A target as a thin stepped line with its label in the legend and under the pointer."""
    import plotly.graph_objects as go

    return go.Scatter(
        x=buckets, y=heights, name=label, mode="lines" if len(buckets) > 1 else "markers",
        line={"color": OTHER, "dash": "dot", "width": 1.5, "shape": "hv"}, marker={"color": OTHER},
        hovertemplate="%{fullData.name}<extra></extra>",
    )  # fmt: skip
