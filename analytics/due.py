"""Targets that run out soon: open conversations at an instant, by the values of a dimension where that is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from analytics import dimensions
from analytics.population import is_counted, is_open
from core.filters import Filters
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    from store.reader import Reader


@dataclass(frozen=True, slots=True)
class Due:
    """Open conversations of a value (empty: all of them), and of those how many have a target due within the span."""

    group: str
    open: int
    soon: int


def due_within(
    reader: Reader, filters: Filters, at: datetime, within: timedelta, *, by: str | None, settings: Settings,
    viewer: Viewer,
) -> tuple[Due, ...]:  # fmt: skip
    """Targets due from `at` (UTC) on and before `at + within`; what is overdue already is not among them.

    The filters' period is not looked at: open is open. Raises QuestionError.
    """
    import ibis

    by_names = (by,) if by else ()
    tables = partial(reader.table, viewer=viewer)
    facts = dimensions.where(dimensions.facts(tables, dimensions.names_of(filters, by_names)), filters)
    wanted = (*filters.include, *settings.counting.include)
    rows = dimensions.split(facts.filter(is_counted(facts, wanted), is_open(facts)), by_names)
    start, end = (ibis.literal(moment, type="timestamp('UTC')") for moment in (at, at + within))
    is_soon = ((rows.open_due_at >= start) & (rows.open_due_at < end)).fill_null(False)
    numbers = {"open": rows.count(), "soon": is_soon.sum().fill_null(0)}
    table = rows.group_by("g0").aggregate(**numbers) if by else rows.aggregate(**numbers)
    found = reader.run(table).to_pylist()
    return tuple(
        sorted(
            (Due(row.get("g0", ""), row["open"], int(row["soon"])) for row in found), key=lambda d: d.group
        )
    )
