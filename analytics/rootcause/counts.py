"""What an unusual count of a day goes with, read from the warehouse."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from analytics import dimensions
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

HISTORY = 42  # days before the one that is asked about


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
) -> list[tuple[Slice, tuple[tuple[str, str], ...]]]:
    """The slices that a day's count goes with, and what most of each has in common besides.

    By dimensions that each conversation has one value of.
    `left_out` are days of the history that were unusual themselves.
    """
    period = Period(day - timedelta(days=HISTORY), day)
    asked = ask(reader, name, filters.over(period), settings=settings, viewer=viewer)
    rows = reader.select(sql_of(build, reader, _Asked(asked.question, by), viewer)).to_pylist()
    days = [period.start + timedelta(days=at) for at in range(period.days)]
    days = [one for one in days if one == day or one not in left_out]
    cells: dict[date, dict[tuple[str, ...], float]] = {one: {} for one in days}
    for row in rows:
        of = row["day"].date()
        if of in cells:
            cells[of][tuple(row[f"g{place}"] for place in range(len(by)))] = float(row["n"])
    cube = from_days([cells[one] for one in days], by, weekdays_of(days))
    return [(one, shared(cube, one)) for one in find(cube)]


def build(tables: TableOf, asked: _Asked) -> ir.Table:
    """Columns: day, g0…, n."""
    rows = chosen(tables, asked.question, asked.by, both=False)
    rows = dimensions.split(rows.mutate(day=rows["at"].truncate("D")), asked.by)
    keys = ["day", *(f"g{place}" for place in range(len(asked.by)))]
    return rows.group_by(keys).aggregate(n=rows.count().cast("int64"))
