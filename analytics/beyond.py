"""How many rows of a duration lie beyond a limit: open for more than 30 days, answered within an hour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics import dimensions, levels
from analytics.base import TableOf
from analytics.compute import ask
from analytics.question import Question, group_names
from analytics.rows import chosen
from analytics.shapes import sql_of
from core.errors import QuestionError
from core.filters import Filters
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from store.reader import Reader


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one value of each dimension, or all (no `group`): `n` of them, `slower` than the limit."""

    group: tuple[str, ...]
    n: int
    slower: int


@dataclass(frozen=True, slots=True)
class _Asked:
    question: Question
    slower_than: float


def beyond(
    reader: Reader,
    name: str,
    filters: Filters,
    *,
    seconds: float,
    settings: Settings,
    viewer: Viewer,
    by: tuple[str, ...] = (),
) -> tuple[tuple[Part, ...], str]:
    """Parts by the dimensions `by`, and the SQL that counted them; one part of all where there are none.

    Of ages of what is open the rows are those open at the end of the period. Raises QuestionError for a metric that is
    no duration, as for what `compute` refuses.
    """
    asked = ask(reader, name, filters, settings=settings, viewer=viewer, by=by)
    metric = asked.question.metric
    if metric.unit != "seconds" or metric.measure is None:
        raise QuestionError(f"{metric.title.lower()} is no duration, and has no limit in time.")
    sql = sql_of(build, reader, _Asked(asked.question, seconds), viewer)
    rows = reader.select(sql).to_pylist()
    parts = (
        Part(tuple(row[f"g{at}"] for at in range(len(by))), int(row["n"]), int(row["slower"] or 0))
        for row in rows
    )
    return tuple(sorted(parts, key=lambda one: (-one.slower, one.group))), sql


def build(tables: TableOf, asked: _Asked) -> ir.Table:
    """Columns: g0…, n, slower."""
    question = asked.question
    if question.metric.of_moments:
        rows = levels.moments(tables, question, question.by)
    else:
        rows = chosen(tables, question, question.by, both=False)
    rows = rows.filter(rows.measure.notnull())
    rows = rows.mutate(is_slower=(rows.measure > asked.slower_than).ifelse(1, 0))
    split = dimensions.split(rows, question.by)
    counted = {"n": split.count(), "slower": split.is_slower.sum()}
    names = group_names(question)
    return split.group_by(names).aggregate(**counted) if names else split.aggregate(**counted)
