"""What an unusual count of a day goes with, read from the warehouse."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from analytics import dimensions, periods
from analytics.base import TableOf
from analytics.compute import ask
from analytics.question import Question
from analytics.rootcause.cube import from_days, weekdays_of
from analytics.rootcause.scan import Slice, find, shared
from analytics.rows import chosen
from analytics.shapes import sql_of
from core.filters import Filters, Period
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from store.reader import Reader

HISTORY = 42  # days before the one that is asked about,
WINDOWS = 8  # or, of several days together, so many times as many


@dataclass(frozen=True, slots=True)
class _Asked:
    question: Question
    by: tuple[str, ...]


def of_day(
    reader: Reader,
    name: str,
    filters: Filters,
    day: date,
    *,
    settings: Settings,
    viewer: Viewer,
    by: tuple[str, ...],
    left_out: frozenset[date] = frozenset(),
    span: int = 1,
) -> list[tuple[Slice, tuple[tuple[str, str], ...]]]:
    """The slices that a day's count goes with, and what most of each has in common besides.

    By dimensions that each conversation has one value of. With `span` it is the count of so many days up to that day,
    beside as many before. `left_out` are days of the history that were unusual themselves.
    """
    before = HISTORY if span == 1 else WINDOWS
    first = periods.first_day(reader, settings) or day
    ends = [day - timedelta(days=at * span) for at in reversed(range(before + 1))]
    ends = [one for one in ends if one == day or _is_known(one, span, first, left_out)]
    period = Period(ends[0] - timedelta(days=span - 1), day)
    asked = ask(reader, name, filters.over(period), settings=settings, viewer=viewer)
    rows = reader.select(sql_of(build, reader, _Asked(asked.question, by), viewer))
    columns = (rows[name].to_pylist() for name in ("day", "n", *(f"g{place}" for place in range(len(by)))))
    cells: dict[date, dict[tuple[str, ...], float]] = {one: {} for one in ends}
    for at, n, *values in zip(*columns, strict=True):
        of = day - timedelta(days=(day - at.date()).days // span * span)
        if of in cells:
            cell = tuple(values)
            cells[of][cell] = cells[of].get(cell, 0.0) + float(n)
    cube = from_days([cells[one] for one in ends], by, weekdays_of(ends))
    return [(one, shared(cube, one)) for one in find(cube)]


def _is_known(end: date, span: int, first: date, left_out: frozenset[date]) -> bool:
    """Whether the days up to `end` lie within the data, and were not unusual themselves."""
    return end - timedelta(days=span - 1) >= first and end not in left_out


def build(tables: TableOf, asked: _Asked) -> ir.Table:
    """Columns: day, g0…, n."""
    rows = chosen(tables, asked.question, asked.by, both=False)
    rows = dimensions.split(rows.mutate(day=rows["at"].truncate("D")), asked.by)
    keys = ["day", *(f"g{place}" for place in range(len(asked.by)))]
    return rows.group_by(keys).aggregate(n=rows.count().cast("int64"))
