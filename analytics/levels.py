"""The backlog: how many conversations were open at a moment, from the stretches in which they were."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from analytics import dimensions, periods
from analytics.question import UNITS, Question, aligned, group_names, moment

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from analytics.dimensions import TableOf


def branches(tables: TableOf, question: Question) -> list[ir.Table]:
    """The same parts as any metric: totals and groups at the end of each span, buckets, left out."""
    spans = _spans(tables, question)
    counted = spans.filter(spans.is_counted)
    parts = [aligned(_levels(counted, question, []), question, "total")]
    groups = group_names(question)
    if question.by:
        split = dimensions.split(counted, question.by)
        parts.append(aligned(_levels(split, question, groups), question, "group"))
    if question.grain:
        split = dimensions.split(counted, question.by)
        parts.append(aligned(_running(split, question, groups), question, "bucket"))
    out = _open_at(spans.filter(~spans.is_counted), question.frame.until)
    reasons = out.group_by(reason=out.excluded_because.fill_null("other")).aggregate(n=out.count())
    return [*parts, aligned(reasons, question, "excluded")]


def _spans(tables: TableOf, question: Question) -> ir.Table:
    """Open spans that touch either period, with what their conversation is filtered and split by."""
    names = dimensions.names_of(question.filters, question.by)
    facts = dimensions.where(dimensions.facts(tables, names), question.filters)
    if question.lacking:
        facts = facts.filter(facts.source_id.notin(question.lacking))
    keys = ["source_id", "conversation_id"]
    columns = {*keys, *(dimensions.find(name).column for name in question.by)}
    facts = facts.select(*sorted(columns), "is_counted", "excluded_because")
    spans = tables("open_spans")
    since = moment(question.frame.earlier_start or question.frame.start)
    touching = spans.filter(
        spans.opened_local < moment(question.frame.until),
        spans.closed_local.isnull() | (spans.closed_local >= since),
    ).select(*keys, "opened_local", "closed_local")
    return touching.inner_join(facts, keys)


def _open_at(spans: ir.Table, at: datetime) -> ir.Table:
    then = moment(at)
    return spans.filter(spans.opened_local < then, spans.closed_local.isnull() | (spans.closed_local >= then))


def _levels(spans: ir.Table, question: Question, groups: list[str]) -> ir.Table:
    import ibis

    frame, found = question.frame, []
    for phase, at in ((0, frame.until), (1, frame.earlier_until)):
        if at is None:
            continue
        rows = _open_at(spans, at)
        n = rows.count()
        aggregated = rows.group_by(groups).aggregate(n=n) if groups else rows.aggregate(n=n)
        found.append(aggregated.mutate(phase=ibis.literal(phase, "int8"), value=aggregated.n.cast("float64")))
    return ibis.union(*found) if len(found) > 1 else found[0]


def _running(spans: ir.Table, question: Question, groups: list[str]) -> ir.Table:
    """Opened minus closed, added up bucket by bucket; what was open before lands in the first bucket."""
    import ibis

    frame, grain = question.frame, question.grain
    assert grain is not None  # noqa: S101 - asked for only when there is a grain
    first = moment(periods.bucket_start(frame.start, grain))
    spans = spans.filter(spans.closed_local.isnull() | (spans.closed_local >= moment(frame.start)))

    def moves(rows: ir.Table, column: str, step: int) -> ir.Table:
        bucket = ibis.greatest(rows[column].truncate(UNITS[grain]), first)
        return rows.select(*groups, bucket=bucket, step=ibis.literal(step, "int64"))

    closed = spans.filter(spans.closed_local < moment(frame.until))
    steps = ibis.union(moves(spans, "opened_local", 1), moves(closed, "closed_local", -1))
    net = steps.group_by([*groups, "bucket"]).aggregate(step=steps.step.sum())
    total = net.step.sum().over(ibis.cumulative_window(group_by=groups or None, order_by="bucket"))
    level = net.mutate(n=total.cast("int64"))
    return level.mutate(value=level.n.cast("float64"))
