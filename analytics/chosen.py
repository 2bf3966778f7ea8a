"""Rows of the conversations that pass filters: a period of creation, dimensions, and whether they are counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from analytics import dimensions
from analytics.base import TableOf
from analytics.population import counted_sql
from analytics.shapes import sql_of
from core.filters import Filters
from core.keys import KEYS
from core.viewer import Viewer

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

    from store.reader import Reader

_ALWAYS = ("created_local", "is_counted", "excluded_because")
AMONG = "chosen_among"


@dataclass(frozen=True, slots=True)
class _Asked:
    """Filters without their period, and the columns that somebody reads."""

    filters: Filters
    columns: tuple[str, ...]


def chosen(
    reader: Reader,
    filters: Filters,
    viewer: Viewer,
    select: str,
    *,
    columns: Sequence[str],
    counted: tuple[str, ...] | None = None,
    mood: str | None = None,
    among: pa.Table | None = None,
    then: str = "",
) -> pa.Table:
    """The visible conversations that pass, as `select` (SQL over these columns of the facts) has them.

    The period is that of creation in the reporting zone. `counted` leaves out what no metric counts but these
    kinds (core.filters.NOT_COUNTED) and those of the filters, `mood` all others, `among` (source_id, conversation_id) all
    that are not in it; `then` is what SQL has after its tests. Raises QuestionError for an unknown dimension.
    """
    read = tuple(
        dict.fromkeys(
            (*columns, *_ALWAYS, *(("sentiment",) if mood else ()), *(KEYS if among is not None else ()))
        )
    )
    sql = sql_of(_passing, reader, _Asked(replace(filters, period=None), read), viewer)
    tests, values = ["true"], list[Any]()
    if filters.period:
        tests.append("created_local >= ?::TIMESTAMP AND created_local < ?::TIMESTAMP")
        values += [filters.period.start.isoformat(), filters.period.until.isoformat()]
    if counted is not None:
        tests.append(counted_sql("passing"))
        values.append([*filters.include, *counted])
    if mood:
        tests.append("sentiment = ?")
        values.append(mood)
    tables = {} if among is None else {AMONG: among}
    if among is not None:
        tests.append(f"(source_id, conversation_id) IN (SELECT (source_id, conversation_id) FROM {AMONG})")
    return reader.select(
        f"SELECT {select} FROM ({sql}) AS passing WHERE {' AND '.join(tests)} {then}", values, tables
    )


def _passing(tables: TableOf, asked: _Asked) -> ir.Table:
    """The columns of all conversations that pass the filters."""
    table = dimensions.facts(tables, dimensions.names_of(asked.filters))
    return dimensions.where(table, asked.filters).select(*asked.columns)
