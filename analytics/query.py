"""One SQL statement per card: totals, groups, buckets and what was left out, for both periods at once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from analytics import dimensions, levels, rates
from analytics.base import TableOf
from analytics.memo import per_reader
from analytics.question import (
    UNITS,
    Question,
    aligned,
    between,
    counted,
    facts_of,
    group_names,
    phase,
    reason_of,
    within,
)
from core.viewer import Viewer

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from store.reader import Reader


@per_reader
def expression(reader: Reader, question: Question, viewer: Viewer) -> ir.Table:
    """The question as one Ibis table, built once: the store keeps the SQL of an expression object."""
    return build(partial(reader.table, viewer=viewer), question)


def build(tables: TableOf, question: Question) -> ir.Table:
    """part (total, group, bucket, excluded), phase (0 now, 1 before), bucket, g0…, reason, value, n."""
    import ibis

    if question.metric.kind == "level":
        return ibis.union(*levels.branches(tables, question))
    if question.metric.kind == "rate":
        return ibis.union(*rates.branches(tables, question))
    table = facts_of(tables, question, question.by)
    chosen = _chosen(table, question)
    parts = [_aggregate(chosen, question, "total", ["phase"])]
    if question.by:
        groups = dimensions.split(chosen, question.by)
        parts.append(_aggregate(groups, question, "group", ["phase", *group_names(question)]))
    if question.grain:
        now = chosen.filter(chosen.phase == 0)
        now = now.mutate(bucket=now.at.truncate(UNITS[question.grain]))
        now = dimensions.split(now, question.by)
        parts.append(_aggregate(now, question, "bucket", ["bucket", *group_names(question)]))
    parts.append(_excluded(table, question))
    return ibis.union(*parts)


def run(reader: Reader, question: Question, viewer: Viewer) -> tuple[list[dict[str, Any]], str]:
    """The rows of `build` and the SQL that gave them."""
    from store.reader import compiled

    table = expression(reader, question, viewer)
    rows = reader.run(table).to_pylist()
    # DuckDB adds integers up to its widest type, which arrives as a Decimal.
    return [{**row, "n": int(row["n"])} for row in rows], compiled(table)


def _chosen(table: ir.Table, question: Question) -> ir.Table:
    """The conversations of both spans that are in the number, with only the columns still needed."""
    metric = question.metric
    at = table[metric.bucket]
    chosen = table.filter(counted(table, question), within(at, question.frame))
    columns = {dimensions.find(name).column for name in question.by}
    return chosen.select(
        *sorted(columns),
        phase=phase(chosen[metric.bucket], question.frame),
        at=chosen[metric.bucket],
        measure=metric.value_of(chosen),
    )


def _aggregate(table: ir.Table, question: Question, part: str, keys: list[str]) -> ir.Table:
    value = question.metric.aggregate(table.measure, table.count())
    rows = table.group_by(keys).aggregate(value=value, n=table.count())
    return aligned(rows, question, part)


def _excluded(table: ir.Table, question: Question) -> ir.Table:
    """Conversations created in the period that are not in the number, by reason (see `reason_of`)."""
    frame = question.frame
    created = table.filter(between(table.created_local, frame.start, frame.until))
    outside = created.filter(~counted(created, question).fill_null(False))
    rows = outside.group_by(reason=reason_of(outside, question)).aggregate(n=outside.count())
    return aligned(rows, question, "excluded")
