"""What a table that somebody puts together is: what was asked, its places, the number at each, what is behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from analytics import periods
from analytics.result import MetricResult, Value
from core.filters import Compare, Filters, Grain, Period

BY_N, BY_NAME = "n", "name"
Key = tuple[str, ...]
Bucket = date | datetime


@dataclass(frozen=True, slots=True)
class Sort:
    """What rows are sorted by: n (of the first metric), their names, or a metric; in one column, or in their total.

    `column` is a value of the column dimension, or the day or hour that a bucket begins, in ISO form.
    """

    by: str = BY_N
    column: str | None = None
    descending: bool = True


@dataclass(frozen=True, slots=True)
class Exploring:
    """What is asked: one to six metrics, up to two dimensions for the rows and one for the columns.

    `top` is how many rows are shown; what the others come to is told where it adds up.
    """

    metrics: tuple[str, ...]
    rows: tuple[str, ...] = ()
    columns: str | None = None
    grain: Grain | None = None
    filters: Filters = field(default_factory=Filters)
    compare: Compare | None = None
    sort: Sort = field(default_factory=Sort)
    top: int = 50

    @property
    def by(self) -> tuple[str, ...]:
        """All dimensions: those of the rows, then that of the columns."""
        return (*self.rows, *((self.columns,) if self.columns else ()))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a number stands. None is all of them: all rows, all columns, the whole period."""

    metric: str
    row: Key | None = None
    column: str | None = None
    bucket: Bucket | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One number, what it rests on, and what it is of the total.

    `share` is there for what adds up: of the total of its bucket, without a bucket of everything. `previous` is the
    number of the period before, or in a bucket that of the bucket before; a bucket that the period or the data cuts
    has none, and is none.
    """

    value: float | None
    n: int
    low: float | None = None
    high: float | None = None
    small: bool = False
    partial: bool = False
    immature: bool = False
    previous: Value | None = None
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Within:
    """What is behind a number: the values and days that its place adds to the filters, and its metric."""

    metric: str
    where: tuple[tuple[str, tuple[str, ...]], ...]
    period: Period


@dataclass(frozen=True)
class Exploration:
    """The table. `rows`, `columns` and `buckets` are in the order shown; totals are cells whose place has None.

    `others` holds what the rows that are not shown come to, of metrics that add up; `hidden_rows` counts them.
    `of_moments` names metrics of what is open at a moment. `results` are the metrics as they were computed, in the
    order asked for.
    """

    question: Exploring
    results: tuple[MetricResult, ...]
    rows: tuple[Key, ...]
    columns: tuple[str, ...]
    buckets: tuple[Bucket, ...]
    cells: Mapping[Place, Cell]
    others: Mapping[Place, Cell]
    hidden_rows: int
    hidden_columns: int
    of_moments: frozenset[str]
    notes: tuple[str, ...]

    def result(self, metric: str) -> MetricResult:
        """A metric as it was computed."""
        return self.results[self.question.metrics.index(metric)]

    def cell(self, place: Place) -> Cell:
        """The number at a place; where nothing was counted, 0 of what is counted and nothing of the rest."""
        found = self.cells.get(place)
        if found is not None:
            return found
        result = self.result(place.metric)
        whole = self.cells.get(Place(place.metric, bucket=place.bucket)) or Cell(None, 0)
        if result.unit != "count" or whole.value is None:
            return Cell(None, 0, small=True, partial=whole.partial, immature=whole.immature)
        share = None if whole.share is None else 0.0
        return Cell(0.0, 0, partial=whole.partial, immature=whole.immature, share=share)

    def within(self, place: Place) -> Within:
        """What lists the conversations behind a cell."""
        where = [(name, (value,)) for name, value in zip(self.question.rows, place.row or (), strict=False)]
        if self.question.columns and place.column is not None:
            where.append((self.question.columns, (place.column,)))
        grain, period = self.question.grain, self.results[0].period
        if place.bucket is not None and grain is not None:
            period = _days(place.bucket, grain, period)
            if grain == "hour" and place.metric not in self.of_moments and "hour" not in self.question.by:
                where.append(("hour", (f"{place.bucket:%H}",)))
        return Within(place.metric, tuple(where), period)


def _days(bucket: Bucket, grain: Grain, period: Period) -> Period:
    """The days of a bucket that lie in the period."""
    start = bucket if isinstance(bucket, datetime) else datetime.combine(bucket, time())
    last = (periods.bucket_end(start, grain) - timedelta(seconds=1)).date()
    return Period(max(start.date(), period.start), min(last, period.end))
