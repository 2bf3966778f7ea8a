"""What each day brought: rows and sums of values of a metric, in all and by the values of single dimensions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analytics import dimensions
from analytics.anomalies.tidy import Numbers
from analytics.base import Metric, TableOf
from analytics.compute import ask
from analytics.question import Question
from analytics.rows import chosen
from analytics.shapes import sql_of
from core.errors import QuestionError
from core.filters import Filters, Period
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

    from store.reader import Reader

Where = tuple[tuple[str, str], ...]  # (dimension, value); none is everything
CUTS = ("channel", "product", "topic", "team", "priority")  # never who handled it
STRATA = "channel"
MOST_SERIES = 20  # values of one dimension that are watched, the commonest
KINDS = {"count": "count", "share": "ratio", "mean": "ratio", "quantile": "duration"}


@dataclass(frozen=True, slots=True)
class Series:
    """One slice of a metric. `sums` are strata by days: rows, sums of the values and of their squares.

    Of a duration the values are natural logarithms of seconds plus one, and its strata are channels: how fast a chat
    is answered says nothing about mail. Everything else has one stratum.
    `begins` is the place of the first day of a new normal: what is usual from then on is told by days from then on.
    """

    metric: Metric
    where: Where
    sums: tuple[Numbers, Numbers, Numbers]
    begins: int = 0

    @property
    def n(self) -> Numbers:
        """Rows a day."""
        return np.asarray(self.sums[0].sum(axis=0))

    @property
    def total(self) -> Numbers:
        """The sum of a day's values."""
        return np.asarray(self.sums[1].sum(axis=0))


@dataclass(frozen=True, slots=True)
class Panel:
    """All series of one metric over the same days, that of everything first. `kind` is count, ratio or duration."""

    metric: Metric
    kind: str
    days: tuple[date, ...]
    series: tuple[Series, ...]
    filters: Filters
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class _Asked:
    question: Question
    cuts: tuple[str, ...]
    is_log: bool


def kind_of(metric: Metric) -> str:
    """Count, ratio or duration. Raises QuestionError for a metric that has no such daily numbers."""
    if metric.of_moments or metric.over is not None or metric.kind not in KINDS:
        raise QuestionError(
            f"{metric.title.lower()} is not watched for anomalies: its days do not add up.",
            hint="Counts, shares, scores and times are: volume, first_reply_median, csat_score.",
        )
    return "duration" if metric.unit == "seconds" else KINDS[metric.kind]


def read(
    reader: Reader,
    name: str,
    filters: Filters,
    *,
    settings: Settings,
    viewer: Viewer,
    cuts: tuple[str, ...] = CUTS,
) -> Panel:
    """The panel of a metric over the period of the filters. Raises QuestionError."""
    asked = ask(reader, name, filters, settings=settings, viewer=viewer)
    metric = asked.question.metric
    kind = kind_of(metric)
    first, until = asked.question.frame.start.date(), asked.question.frame.until.date()
    days = tuple(first + timedelta(days=at) for at in range((until - first).days))
    named = tuple(cut for cut in cuts if not filters.values(cut))
    request = _Asked(asked.question, named, kind == "duration")
    rows = reader.select(sql_of(build, reader, request, viewer))
    return Panel(metric, kind, days, _series(metric, named, days, rows), filters)


def build(tables: TableOf, asked: _Asked) -> ir.Table:
    """Columns: cut (its position, -1 for everything), day, stratum, value, n, total, squares."""
    import ibis

    strata = (STRATA,) if asked.is_log else ()
    rows = chosen(tables, asked.question, (*asked.cuts, *strata), both=False)
    measure = rows.measure.cast("float64")
    told = rows.channel.fill_null("") if asked.is_log else ibis.literal("")
    rows = rows.mutate(
        day=rows["at"].truncate("D"), y=(measure + 1).ln() if asked.is_log else measure, stratum=told
    )
    parts = [_summed(rows, "", -1)]
    for position, cut in enumerate(asked.cuts):
        parts.append(_summed(dimensions.split(rows, (cut,)), "g0", position))
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def _summed(rows: ir.Table, by: str, position: int) -> ir.Table:
    import ibis

    keys = ["day", "stratum", *([by] if by else [])]
    summed = rows.group_by(keys).aggregate(
        n=rows.count().cast("int64"),
        total=rows["y"].sum().cast("float64"),
        squares=(rows["y"] * rows["y"]).sum().cast("float64"),
    )
    value = summed[by] if by else ibis.null("string")
    return summed.select(
        "day",
        "stratum",
        "n",
        "total",
        "squares",
        cut=ibis.literal(position, "int16"),
        value=value.cast("string"),
    )


def _series(
    metric: Metric, cuts: tuple[str, ...], days: tuple[date, ...], rows: pa.Table
) -> tuple[Series, ...]:
    """The series that are watched, that of everything first, from the columns of `build`."""
    place = (
        rows["day"].to_numpy().astype("datetime64[D]") - np.datetime64(days[0] if days else date.min)
    ).astype(int)
    inside = (place >= 0) & (place < len(days))
    (value, values), (stratum, strata) = _coded(rows["value"]), _coded(rows["stratum"])
    slices, kind = np.unique(rows["cut"].to_numpy().astype(int) * len(values) + value, return_inverse=True)
    found: list[Where] = [
        ((cuts[one // len(values)], values[one % len(values)]),) if one >= 0 else () for one in slices
    ]
    n = rows["n"].to_numpy().astype(float)
    sizes = np.bincount(kind[inside], n[inside], len(found))
    watched = _watched({where: size for where, size in zip(found, sizes, strict=True) if size}, cuts)
    order = {where: at for at, where in enumerate(watched)}
    position = np.array([order.get(where, -1) for where in found], dtype=int)[kind]
    inside &= position >= 0
    at = position[inside], stratum[inside], place[inside]
    sums = np.zeros((3, len(watched), max(len(strata), 1), len(days)))
    for number, key in enumerate(("n", "total", "squares")):
        np.add.at(sums[number], at, np.nan_to_num(rows[key].to_numpy().astype(float))[inside])
    return tuple(Series(metric, where, tuple(sums[:, at])) for at, where in enumerate(watched))


def _coded(column: pa.ChunkedArray) -> tuple[NDArray[np.int64], list[str]]:
    """A number for each text, in the order of the texts and -1 for none; and the texts."""
    coded = column.combine_chunks().dictionary_encode()
    texts = [str(text) for text in coded.dictionary.to_pylist()]
    order = sorted(range(len(texts)), key=texts.__getitem__)
    rank = np.append(np.argsort(order), -1).astype(np.int64)
    codes = coded.indices.fill_null(len(texts)).to_numpy(zero_copy_only=False)
    return rank[codes], [texts[at] for at in order]


def _watched(sizes: dict[Where, float], cuts: tuple[str, ...]) -> list[Where]:
    """Everything first, then the commonest values of each dimension that has at least two."""
    kept: list[Where] = [()]
    for cut in cuts:
        values = [where for where in sizes if where and where[0][0] == cut]
        values.sort(key=lambda where: (-sizes[where], where))
        if len(values) > 1:
            kept += values[:MOST_SERIES]
    return kept


def as_slice(filters: Filters, kind: str = "count") -> Where | None:
    """The slice that filters keep, of whatever days; None where they are none that a name and a value each say.

    These are several values of one dimension, conditions, kinds that are not counted, and of durations another clock.
    """
    if filters.groups or filters.include or any(len(values) != 1 for _, values in filters.where):
        return None
    if kind == "duration" and filters.hours != "calendar":
        return None
    return tuple((name, value) for name, (value,) in filters.where)


def within(filters: Filters, period: Period) -> Filters:
    """The same filters over these days."""
    return replace(filters, period=period)
