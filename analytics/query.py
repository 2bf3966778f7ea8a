"""One SQL statement per card: totals, groups, buckets and what was left out, for both periods at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analytics import dimensions, levels, rates
from analytics.base import TableOf, addable
from analytics.question import UNITS, Question, aligned, cuts, group_names, phase
from analytics.rows import arisen, chosen, outside, rows_of
from analytics.shapes import sql_of
from core.viewer import Viewer

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from store.reader import Reader


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
    sql = sql_of(build, reader, question, viewer)
    # DuckDB adds integers up to its widest type, which arrives as a Decimal.
    return [{**row, "n": int(row["n"])} for row in reader.select(sql).to_pylist()], sql


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
        n=cells.count(), total=addable(cells.measure).sum()
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
    summed = cells.group_by(keys).aggregate(
        n=cells.n.sum().cast("int64"), total=cells.total.sum().cast("float64")
    )
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
            is_whole = _tells_apart(question, by)
            parts.append(_aggregate(groups, question, f"group{end}", ["phase", *names], once=is_whole))
        if question.grain:
            now = rows.filter(rows.phase == 0)
            now = now.mutate(bucket=now.at.truncate(UNITS[question.grain]))
            now = dimensions.split(now, question.by, by)
            is_whole = _tells_apart(question, by)
            parts.append(_aggregate(now, question, f"bucket{end}", ["bucket", *names], once=is_whole))
    return parts


def _tells_apart(question: Question, by: tuple[str, ...]) -> bool:
    """Whether each value that is divided by has one cell in each part of a cut, so that counting cells counts values."""
    whole = question.metric.per_hour and bool(by) and by == question.by
    return whole and not any(dimensions.find(name).many for name in by)


def _by_divisor(rows: ir.Table, question: Question) -> ir.Table:
    """How many rows (step) there are of each value that a ratio divides by, so that rows are read once."""
    import ibis

    unit = UNITS[question.grain] if question.grain else None
    columns = ["divisor", *sorted({dimensions.find(name).column for name in question.by})]
    if question.metric.per_hour:
        # The divisor tells the hour already, and periods begin with one: fewer keys, and dates of sums alone.
        # What is empty is (none) as what is missing is: of one cell.
        texts = {name: rows[name].nullif("") for name in columns[1:] if rows[name].type().is_string()}
        rows = rows.mutate(**texts) if texts else rows
        cells = rows.group_by(columns).aggregate(step=rows.count(), at=rows.at.min())
        cells = cells.mutate(phase=phase(cells.at, question.frame))
        return cells.mutate(at=cells.at.truncate(unit)) if unit else cells
    rows = rows.mutate(at=rows.at.truncate(unit) if unit else ibis.null("timestamp"))
    return rows.group_by(["phase", "at", *columns]).aggregate(step=rows.count())


def _aggregate(
    table: ir.Table, question: Question, part: str, keys: list[str], *, once: bool = False
) -> ir.Table:
    """One part. `once` says that no value that is divided by has two rows under one key."""
    if question.metric.kind == "ratio":
        n = table.step.sum().cast("int64")
        divisors = table.divisor.count() if once else table.divisor.nunique()
        value = question.metric.aggregate(table.step, n, divisors)
    else:
        n = table.count()
        value = question.metric.aggregate(table.measure, n)
    return aligned(table.group_by(keys).aggregate(value=value, n=n), question, part)
