"""The table as it lies on the screen: which number stands in which cell, in words, as a value, and as a way on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from core import numbers
from ui import data_explore, filters
from ui.drill import Drill

if TYPE_CHECKING:
    from analytics.exploration import Bucket, Cell, Exploration, Key, Place
    from core.filters import Filters

MOST_BUCKETS = 26  # as columns; more become rows
TOTAL, OTHERS = "Total", "Others"


@dataclass(frozen=True, slots=True)
class Line:
    """A row: its labels, and the row and bucket that its cells are of. Others have no drill."""

    labels: tuple[str, ...]
    row: Key | None
    bucket: Bucket | None = None
    is_others: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """A column: its label, and the metric, column and bucket that its cells are of."""

    label: str
    metric: str
    column: str | None = None
    bucket: Bucket | None = None


@dataclass(frozen=True)
class Grid:
    """Rows and columns, and what is in a cell. `values` is number, share, change or n."""

    found: Exploration
    values: str
    titles: tuple[str, ...]
    lines: tuple[Line, ...]
    heads: tuple[Head, ...]
    within: Filters | None = None

    def cell(self, line: Line, head: Head) -> Cell:
        """The number at a place."""
        from analytics.exploration import Cell

        place = self.place(line, head)
        if not line.is_others:
            return self.found.cell(place)
        return self.found.others.get(place) or Cell(None, 0)

    def place(self, line: Line, head: Head) -> Place:
        """The place of a cell."""
        from analytics.exploration import Place

        return Place(head.metric, line.row, head.column, line.bucket or head.bucket)

    def text(self, line: Line, head: Head) -> str:
        """A cell as people read it."""
        return said(self.cell(line, head), self.found.result(head.metric).unit, self.values)

    def number(self, line: Line, head: Head) -> float | None:
        """A cell as it is sorted and exported, in the metric's unit; None where there is nothing to judge."""
        return worth(self.cell(line, head), self.found.result(head.metric).unit, self.values)

    def drill(self, line: Line, head: Head | None = None) -> Drill | None:
        """What is behind a cell, or a whole row; nothing where nothing was counted."""
        chosen = head or next(
            (one for one in self.heads if one.column is None and one.bucket is None), self.heads[0]
        )
        if line.is_others or not self.cell(line, chosen).n:
            return None
        return drill_of(self.found, self.place(line, chosen), self.within)


def drill_of(found: Exploration, place: Place, filters: Filters | None = None) -> Drill:
    """The conversations behind a place; with filters, within those instead of the bar's."""
    within = found.within(place)
    narrowed = within.period if place.bucket is not None else None
    return Drill(within.where, narrowed, within.metric, within=filters)


def lay_out(found: Exploration, values: str, within: Filters | None = None) -> Grid:
    """Rows down, columns across; buckets across too, where nothing else is and they fit."""
    down = found.question.grain is not None and (bool(found.columns) or len(found.buckets) > MOST_BUCKETS)
    cuts = {**filters.offered(), **data_explore.own_dimensions()}
    titles = tuple(cuts.get(name, name) for name in found.question.rows)
    grain = found.question.grain
    lines = tuple(_with_buckets(found, line, down) for line in _lines(found))
    flat = tuple(one for several in lines for one in several)
    return Grid(
        found, values, (*titles, *((grain.capitalize(),) if down and grain else ())) or ("",), flat,
        tuple(_heads(found, across=not down)), within,
    )  # fmt: skip


def _lines(found: Exploration) -> Iterator[Line]:
    for row in found.rows:
        yield Line(row, row)
    width = max(1, len(found.question.rows))
    blank = ("",) * (width - 1)
    if found.hidden_rows and found.others:
        yield Line((f"{OTHERS} ({found.hidden_rows})", *blank), None, is_others=True)
    yield Line((TOTAL, *blank), None)


def _with_buckets(found: Exploration, line: Line, down: bool) -> tuple[Line, ...]:
    """A line a bucket, and the whole period first, where buckets go down."""
    if not down:
        return (line,)
    labels = line.labels if found.question.rows else ()
    whole = Line((*labels, TOTAL), line.row, None, line.is_others)
    return (
        whole,
        *(Line((*labels, label(found, at)), line.row, at, line.is_others) for at in found.buckets),
    )


def _heads(found: Exploration, *, across: bool) -> Iterator[Head]:
    several = len(found.question.metrics) > 1
    split = bool(found.columns) or (across and bool(found.buckets))
    for result in found.results:
        suffix = f" · {result.title}" if several else ""
        yield Head((TOTAL if split else result.title) + (suffix if split else ""), result.name)
    for result in found.results:
        suffix = f" · {result.title}" if several else ""
        for column in found.columns:
            yield Head(column + suffix, result.name, column)
        if across and not found.columns:
            for bucket in found.buckets:
                yield Head(label(found, bucket) + suffix, result.name, None, bucket)


def label(found: Exploration, bucket: Bucket) -> str:
    """A bucket's beginning; one that the period or the data cuts is marked."""
    from analytics.exploration import Place

    grain = found.question.grain
    if isinstance(bucket, datetime):
        text = f"{bucket:%-d %b %H:%M}"
    else:
        years = {at.year for at in found.buckets}
        text = _day(bucket, grain or "day", with_year=len(years) > 1)
    whole = found.cell(Place(found.question.metrics[0], bucket=bucket))
    return f"{text} (part)" if whole.partial else f"{text} (young)" if whole.immature else text


def _day(day: date, grain: str, *, with_year: bool) -> str:
    if grain == "year":
        return f"{day:%Y}"
    if grain == "quarter":
        return f"Q{(day.month + 2) // 3} {day:%Y}"
    return f"{day:%b %Y}" if grain == "month" else f"{day:%-d %b %Y}" if with_year else f"{day:%-d %b}"


def said(cell: Cell, unit: str, values: str) -> str:
    """A cell in words, as a number, a share of the total, a change, or n."""
    if values == "n":
        return numbers.count(cell.n, exact=True)
    if values == "share":
        return numbers.percent(cell.share)
    if values == "change":
        before = cell.previous
        if before is None or (cell.partial and cell.value is None):
            return numbers.MISSING
        return numbers.change(cell.value, before.value, unit, min(cell.n, before.n))
    if unit == "count":
        return numbers.count(cell.value, exact=True)
    text = numbers.value(cell.value, unit, cell.n)
    return (
        f"{text} (n {cell.n})"
        if cell.value is not None and 0 < cell.n < numbers.SMALL_N and unit != "share"
        else text
    )


def worth(cell: Cell, unit: str, values: str) -> float | None:
    """A cell as a value, in the unit that `said` writes; a share of fewer than five says nothing."""
    if values == "n":
        return float(cell.n)
    if values == "share":
        return cell.share
    few = unit == "share" and cell.n < numbers.SMALL_N
    if values == "change":
        before = cell.previous
        few = few or (before is not None and unit == "share" and before.n < numbers.SMALL_N)
        if few or before is None or cell.value is None or before.value is None:
            return None
        return cell.value - before.value
    return None if few else cell.value


def label_rows(grid: Grid) -> list[dict[str, Any]]:
    """The labels of every line."""
    return [dict(zip(grid.titles, line.labels, strict=True)) for line in grid.lines]


def exact_rows(grid: Grid) -> list[dict[str, Any]]:
    """The numbers of every line in full, with what they rest on: what a file holds beside the labels."""
    return [
        {name: value for head in grid.heads for name, value in _exact(grid, line, head)}
        for line in grid.lines
    ]


def _exact(grid: Grid, line: Line, head: Head) -> Iterator[tuple[str, float | None]]:
    unit, cell = grid.found.result(head.metric).unit, grid.cell(line, head)
    told = {"number": unit, "share": "share of total", "change": f"change, {unit}"}.get(grid.values)
    if told:
        yield f"{head.label} ({told})", cell.value if grid.values == "number" else grid.number(line, head)
    if unit != "count" or not told:
        yield f"{head.label}, n", cell.n
