"""How many rows of a duration or a share lie beyond a limit, and which: open for more than 30 days, rated badly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics import audit, dimensions, levels
from analytics.base import TableOf
from analytics.compute import ask
from analytics.question import Question, group_names
from analytics.rows import chosen
from analytics.shapes import sql_of
from core.errors import QuestionError
from core.filters import Filters
from core.keys import KEYS
from core.settings import Settings
from core.viewer import Viewer

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

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


@dataclass(frozen=True, slots=True)
class _Those:
    question: Question


def beyond(
    reader: Reader,
    name: str,
    filters: Filters,
    *,
    over: float,
    settings: Settings,
    viewer: Viewer,
    by: tuple[str, ...] = (),
) -> tuple[tuple[Part, ...], str]:
    """Parts by the dimensions `by`, and the SQL that counted them; one part of all where there are none.

    `over` is in seconds, or of a share between its 1 and 0. Of ages of what is open the rows are those open at the end
    of the period. Raises QuestionError for a metric that is neither, as for what `compute` refuses.
    """
    asked = ask(reader, name, filters, settings=settings, viewer=viewer, by=by)
    metric = asked.question.metric
    if metric.unit not in ("seconds", "share") or metric.measure is None:
        raise QuestionError(f"{metric.title.lower()} is no duration, and has no limit in time.")
    sql = sql_of(build, reader, _Asked(asked.question, over), viewer)
    rows = reader.select(sql).to_pylist()
    parts = (
        Part(tuple(row[f"g{at}"] for at in range(len(by))), int(row["n"]), int(row["slower"] or 0))
        for row in rows
    )
    return tuple(sorted(parts, key=lambda one: (-one.slower, one.group))), sql


def those(
    reader: Reader,
    name: str,
    filters: Filters,
    *,
    over: float | None,
    above: bool,
    settings: Settings,
    viewer: Viewer,
) -> pa.Table:
    """source_id and conversation_id of the conversations behind a metric; of those beyond a limit or up to it alone.

    Of what is open: those open at the end of the period. Raises QuestionError as `compute` does.
    """
    asked = ask(reader, name, filters, settings=settings, viewer=viewer)
    sql = sql_of(_behind, reader, _Those(asked.question), viewer)
    kept, values = ("", []) if over is None else (f'WHERE "value" {">" if above else "<="} ?', [over])
    return reader.select(f"SELECT DISTINCT {', '.join(KEYS)} FROM ({sql}) {kept}", values)


def _behind(tables: TableOf, asked: _Those) -> ir.Table:
    return audit.build(tables, asked.question).select(*KEYS, "value")


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
