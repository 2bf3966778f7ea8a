"""One SQL statement per card: totals, groups, buckets and what was left out, for both periods at once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from analytics import dimensions, levels, rates
from analytics.base import TableOf
from analytics.memo import per_reader
from analytics.question import UNITS, Question, aligned, cuts, group_names
from analytics.rows import arisen, chosen, outside, rows_of
from core.viewer import Viewer

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from store.reader import Reader


@per_reader
def expression(reader: Reader, question: Question, viewer: Viewer) -> ir.Table:
    """The question as one Ibis table, built once: the store keeps the SQL of an expression object."""
    return build(partial(reader.table, viewer=viewer), question)


def build(tables: TableOf, question: Question) -> ir.Table:
    """part (total, group, bucket, excluded), phase (0 now, 1 before), bucket, g0…, reason, value, n.

    Groups and buckets of a margin end with its place: group0, bucket0.
    """
    import ibis

    if question.metric.of_moments:
        return ibis.union(*levels.branches(tables, question))
    if question.metric.kind == "rate":
        return ibis.union(*rates.branches(tables, question))
    rows = chosen(tables, question, question.by)
    parts = _added_up(rows, question) if _adds_up(question) else _one_by_one(rows, question)
    everything = rows_of(tables, question, ())
    parts.append(aligned(outside(everything, question), question, "excluded"))
    if question.lacking:
        parts.append(aligned(arisen(everything, question), question, "covered"))
    return ibis.union(*parts)


def run(reader: Reader, question: Question, viewer: Viewer) -> tuple[list[dict[str, Any]], str]:
    """The rows of `build` and the SQL that gave them."""
    from store.reader import compiled

    table = expression(reader, question, viewer)
    rows = reader.run(table).to_pylist()
    # DuckDB adds integers up to its widest type, which arrives as a Decimal.
    return [{**row, "n": int(row["n"])} for row in rows], compiled(table)


def _adds_up(question: Question) -> bool:
    """Whether totals are sums over the groups and buckets, so that the rows need to be read once only."""
    overlapping = any(dimensions.find(name).many for name in question.by)
    return question.metric.kind in ("count", "sum", "share", "mean") and not overlapping


def _added_up(rows: ir.Table, question: Question) -> list[ir.Table]:
    """Totals, groups and buckets from one pass: the finest cells first, then sums of those."""
    import ibis

    groups = group_names(question)
    at = rows.at.truncate(UNITS[question.grain]) if question.grain else ibis.null("timestamp")
    cells = dimensions.split(rows.mutate(bucket=(rows.phase == 0).ifelse(at, None)), question.by)
    cells = cells.group_by(["phase", "bucket", *groups]).aggregate(
        n=cells.count(), total=cells.measure.sum().cast("float64")
    )
    parts = [_summed(cells, question, "total", ["phase"])]
    now = cells.filter(cells.phase == 0)
    for end, by, names in cuts(question):
        if by:
            parts.append(_summed(cells, question, f"group{end}", ["phase", *names]))
        if question.grain:
            parts.append(_summed(now, question, f"bucket{end}", ["bucket", *names]))
    return parts


def _summed(cells: ir.Table, question: Question, part: str, keys: list[str]) -> ir.Table:
    kind = question.metric.kind
    summed = cells.group_by(keys).aggregate(n=cells.n.sum().cast("int64"), total=cells.total.sum())
    n = summed.n.cast("float64")
    value = n if kind == "count" else summed.total if kind == "sum" else summed.total / n
    return aligned(summed.mutate(value=value), question, part)


def _one_by_one(rows: ir.Table, question: Question) -> list[ir.Table]:
    """Totals, groups and buckets, each from the rows: of quantiles, and of values that overlap."""
    rows = _by_divisor(rows, question) if question.metric.kind == "ratio" else rows
    parts = [_aggregate(rows, question, "total", ["phase"])]
    for end, by, names in cuts(question):
        if by:
            groups = dimensions.split(rows, question.by, by)
            parts.append(_aggregate(groups, question, f"group{end}", ["phase", *names]))
        if question.grain:
            now = rows.filter(rows.phase == 0)
            now = now.mutate(bucket=now.at.truncate(UNITS[question.grain]))
            now = dimensions.split(now, question.by, by)
            parts.append(_aggregate(now, question, f"bucket{end}", ["bucket", *names]))
    return parts


def _by_divisor(rows: ir.Table, question: Question) -> ir.Table:
    """How many rows (step) there are of each value that a ratio divides by, so that rows are read once."""
    import ibis

    at = rows.at.truncate(UNITS[question.grain]) if question.grain else ibis.null("timestamp")
    columns = {dimensions.find(name).column for name in question.by}
    rows = rows.mutate(at=at)
    return rows.group_by(["phase", "at", "divisor", *sorted(columns)]).aggregate(step=rows.count())


def _aggregate(table: ir.Table, question: Question, part: str, keys: list[str]) -> ir.Table:
    if question.metric.kind == "ratio":
        n = table.step.sum().cast("int64")
        value = question.metric.aggregate(table.step, n, table.divisor)
    else:
        n = table.count()
        value = question.metric.aggregate(table.measure, n)
    return aligned(table.group_by(keys).aggregate(value=value, n=n), question, part)
