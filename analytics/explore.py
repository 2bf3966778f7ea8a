"""A table that somebody puts together: metrics by rows, columns and buckets, each total by the metric itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from analytics import catalogue, dimensions
from analytics.base import Metric
from analytics.compute import compute, default_period
from analytics.exploration import (
    BY_N,
    BY_NAME,
    Bucket,
    Cell,
    Exploration,
    Exploring,
    Key,
    Place,
    Sort,
    Within,
)
from analytics.explore_size import check_size
from analytics.result import MetricResult, Row, Value
from core.errors import QuestionError
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    from store.reader import Reader

__all__ = ["Bucket", "Cell", "Exploration", "Exploring", "Key", "Place", "Sort", "Within", "explore"]

MOST_METRICS, MOST_ROWS, MOST_COLUMNS, MOST_SHOWN = 6, 2, 24, 500
ADDS_UP = ("count", "sum", "level")  # kinds of metrics whose groups add up to their total
Cells = dict[Place, Cell]


def explore(reader: Reader, question: Exploring, *, settings: Settings, viewer: Viewer) -> Exploration:
    """The table, with one statement a metric.

    Raises QuestionError for what does not exist, does not go together, or would be too large to read.
    """
    metrics = _checked(question, settings)
    period = question.filters.period or default_period(reader, settings)
    question = replace(question, filters=question.filters.over(period))
    check_size(reader, question, viewer)
    results = tuple(
        compute(
            reader, name, question.filters, settings=settings, viewer=viewer, grain=question.grain, by=question.by,
            compare=question.compare, margins=_margins(question),
        )
        for name in question.metrics
    )  # fmt: skip
    return _table(question, metrics, results)


def adds_up(metric: Metric) -> bool:
    """Whether the numbers of groups add up to that of all of them, so that one can be a share of the other."""
    return metric.kind in ADDS_UP and metric.over is None


def _checked(question: Exploring, settings: Settings) -> list[Metric]:
    if not 1 <= len(question.metrics) <= MOST_METRICS:
        raise QuestionError(
            f"a table has one to {MOST_METRICS} metrics, not {len(question.metrics)}.",
            hint="Choose some of them.",
        )
    if len(question.rows) > MOST_ROWS:
        raise QuestionError(f"the rows of a table are by {MOST_ROWS} dimensions at most.")
    for chosen in (question.metrics, question.by):
        for name in chosen:
            if chosen.count(name) > 1:
                raise QuestionError(f"{name} is there twice.", hint="Take it out once.")
    if not 1 <= question.top <= MOST_SHOWN:
        raise QuestionError(f"a table shows 1 to {MOST_SHOWN} rows, not {question.top}.")
    return [catalogue.find(name, settings) for name in question.metrics]


def _margins(question: Exploring) -> tuple[tuple[str, ...], ...]:
    """The totals that are groups themselves: of rows, of columns, and of buckets."""
    found: list[tuple[str, ...]] = []
    if question.rows and question.columns:
        found += [question.rows, (question.columns,)]
    if question.by and question.grain:
        found.append(())
    return tuple(found)


def _table(question: Exploring, metrics: Sequence[Metric], results: tuple[MetricResult, ...]) -> Exploration:
    cells: Cells = {}
    for metric, result in zip(metrics, results, strict=True):
        own = dict(_cells(question, result))
        cells |= _with_shares(own, metric.name) if adds_up(metric) else own
    columns = _columns(question, cells)
    buckets = tuple(
        dict.fromkeys(row.bucket for result in results for row in result.rows if row.bucket is not None)
    )
    rows, notes = _sorted(question, cells, columns, buckets)
    shown, hidden = rows[: question.top], rows[question.top :]
    overlapping = [dimensions.find(name) for name in question.by if dimensions.find(name).many]
    others: Cells = {}
    for metric in metrics:
        if hidden and adds_up(metric) and not any(d.name in question.rows for d in overlapping):
            others |= _together(metric.name, set(hidden), cells)
    notes += [f"A conversation can have several {d.title.lower()}s: its groups overlap." for d in overlapping]
    if len(columns) > MOST_COLUMNS:
        notes.append(f"{len(columns) - MOST_COLUMNS} more columns are not shown; totals hold them.")
    return Exploration(
        question, results, shown, columns[:MOST_COLUMNS], tuple(sorted(buckets)), cells, others, len(hidden),
        max(0, len(columns) - MOST_COLUMNS), frozenset(m.name for m in metrics if m.of_moments), tuple(notes),
    )  # fmt: skip


def _cells(question: Exploring, result: MetricResult) -> Iterator[tuple[Place, Cell]]:
    """Every number of a metric with its place."""
    total = result.total
    yield (
        Place(result.name),
        Cell(
            total.value,
            total.n,
            total.low,
            total.high,
            total.small,
            result.in_progress,
            previous=result.previous,
        ),
    )
    parts = [(question.by, result.groups, result.rows), *((m.by, m.groups, m.rows) for m in result.margins)]
    for by, groups, rows in parts:
        before: dict[Place, Row] = {}
        for row in (*groups, *rows):
            values = dict(zip(by, row.group, strict=True))
            key = tuple(values[name] for name in question.rows) if {*question.rows} <= values.keys() else ()
            place = Place(result.name, key or None, values.get(question.columns or ""), row.bucket)
            yield place, _cell(row, before, place, question)


def _cell(row: Row, before: dict[Place, Row], place: Place, question: Exploring) -> Cell:
    """The number of a row; of a bucket beside the one before it, where both are whole."""
    previous = row.previous
    if row.bucket is not None:
        group = replace(place, bucket=None)
        last, before[group] = before.get(group), row
        whole = last is not None and not any(r.partial or r.immature for r in (last, row))
        if question.compare == "previous" and last is not None and whole:
            previous = Value(last.value, last.n, last.low, last.high, last.small)
    return Cell(
        row.value, row.n, row.low, row.high, row.small,
        partial=row.partial, immature=row.immature, previous=previous,
    )  # fmt: skip


def _with_shares(cells: Cells, metric: str) -> Cells:
    """Each number as a share of the total of its bucket; without a bucket of everything."""
    found = {}
    for place, cell in cells.items():
        whole = cells[Place(metric, bucket=place.bucket)].value
        share = cell.value / whole if whole and cell.value is not None else None
        found[place] = replace(cell, share=share)
    return found


def _columns(question: Exploring, cells: Cells) -> tuple[str, ...]:
    """Values of the column dimension: in their own order where they have one, else the largest n first."""
    if question.columns is None:
        return ()
    sizes: dict[str, int] = {}
    for place, cell in cells.items():
        if place.column is not None and place.row is None and place.bucket is None:
            sizes[place.column] = max(sizes.get(place.column, 0), cell.n)
    return tuple(sorted(sizes, key=_in_order(question.columns, lambda value: -sizes[value])))


def _in_order(dimension: str, otherwise: Callable[[str], int]) -> Callable[[str], tuple[int, str]]:
    """Monday before Tuesday; what has no order of its own by something else, then by name."""
    known = {value: place for place, value in enumerate(dimensions.find(dimension).values)}
    return lambda value: (known.get(value, len(known)) if known else otherwise(value), value)


def _sorted(
    question: Exploring, cells: Cells, columns: tuple[str, ...], buckets: tuple[Bucket, ...]
) -> tuple[tuple[Key, ...], list[str]]:
    """The rows in order, and a word where they cannot be sorted as asked."""
    sort, notes = question.sort, list[str]()
    if sort.by not in (BY_N, BY_NAME, *question.metrics):
        notes.append(f"Sorted by n: {sort.by} is not in the table.")
        sort = Sort()
    column, bucket = sort.column if sort.column in columns else None, None
    if sort.column is not None and column is None:
        bucket = next((at for at in buckets if at.isoformat() == sort.column), None)
        if bucket is None:
            notes.append(f"Sorted by the total: there is no column {sort.column}.")
    metric = sort.by if sort.by in question.metrics else question.metrics[0]
    rows = sorted({place.row for place in cells if place.row is not None}, key=_by_name(question))

    def worth(row: Key) -> float | None:
        cell = cells.get(Place(metric, row, column, bucket)) or Cell(None, 0)
        return cell.n if sort.by == BY_N else cell.value

    if sort.by == BY_NAME:
        return tuple(reversed(rows) if sort.descending else rows), notes
    known = [row for row in rows if worth(row) is not None]
    known.sort(key=lambda row: worth(row) or 0.0, reverse=sort.descending)
    return (*known, *(row for row in rows if worth(row) is None)), notes


def _by_name(question: Exploring) -> Callable[[Key], list[tuple[int, str]]]:
    orders = [_in_order(name, lambda _: 0) for name in question.rows]
    return lambda row: [order(value) for order, value in zip(orders, row, strict=True)]


def _together(metric: str, hidden: set[Key], cells: Cells) -> Cells:
    """What the hidden rows come to, in every column and bucket."""
    parts: dict[Place, list[Cell]] = {}
    for place, cell in cells.items():
        if place.metric == metric and place.row in hidden:
            parts.setdefault(replace(place, row=None), []).append(cell)
    return {place: _sum(found) for place, found in parts.items()}


def _sum(cells: Sequence[Cell]) -> Cell:
    values = [cell.value for cell in cells if cell.value is not None]
    before = [cell.previous for cell in cells if cell.previous is not None]
    shares = [cell.share for cell in cells if cell.share is not None]
    previous = Value(sum(v.value or 0.0 for v in before), sum(v.n for v in before)) if before else None
    return Cell(
        sum(values) if values else None, sum(cell.n for cell in cells), partial=any(c.partial for c in cells),
        immature=any(c.immature for c in cells), previous=previous, share=sum(shares) if shares else None,
    )  # fmt: skip
