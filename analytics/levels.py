"""The backlog: how many conversations were open at a moment, from the stretches in which they were."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from analytics import dimensions, periods
from analytics.question import UNITS, Question, aligned, facts_of, group_names, moment, reason_of

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from analytics.base import TableOf


def branches(tables: TableOf, question: Question) -> list[ir.Table]:
    """The same parts as any metric: totals and groups at the end of each span, buckets, left out."""
    spans = _spans(tables, question, question.by)
    counted = spans.filter(spans.tells)
    groups, open_then = group_names(question), _at_both(counted, question)
    parts = [aligned(_levels(open_then, []), question, "total")]
    if question.by:
        split = dimensions.split(open_then, question.by)
        parts.append(aligned(_levels(split, groups), question, "group"))
    if question.grain:
        split = dimensions.split(counted, question.by)
        parts.append(aligned(_running(split, question, groups), question, "bucket"))
    out = _open_at(spans.filter(~spans.tells), question.frame.until)
    reasons = out.group_by("reason").aggregate(n=out.count())
    return [*parts, aligned(reasons, question, "excluded")]


def moments(tables: TableOf, question: Question, by: tuple[str, ...]) -> ir.Table:
    """A row per conversation open at the end of the period (phase 0) and of the one before (phase 1)."""
    spans = _spans(tables, question, by)
    return _at_both(spans.filter(spans.tells), question)


def open_now(tables: TableOf, question: Question) -> ir.Table:
    """The conversations open at the end of the period, since when, and for how many seconds."""
    spans = _spans(tables, question, ())
    rows = _open_at(spans.filter(spans.tells), question.frame.until)
    age = moment(question.frame.until).delta(rows.opened_local, unit="second").cast("float64")
    return rows.select("source_id", "conversation_id", "subject", at=rows.opened_local, value=age)


def _at_both(spans: ir.Table, question: Question) -> ir.Table:
    import ibis

    frame, found = question.frame, []
    for phase, at in ((0, frame.until), (1, frame.earlier_until)):
        if at is not None:
            rows = _open_at(spans, at)
            found.append(
                rows.mutate(phase=ibis.literal(phase, "int8"), at=moment(at), measure=ibis.literal(1))
            )
    return ibis.union(*found) if len(found) > 1 else found[0]


def _spans(tables: TableOf, question: Question, by: tuple[str, ...]) -> ir.Table:
    """Open spans that touch either period, with what their conversation is filtered and split by."""
    import ibis

    facts = facts_of(tables, question, by)
    keys = ["source_id", "conversation_id"]
    silent = facts.source_id.isin(question.lacking) if question.lacking else ibis.literal(False)
    facts = facts.mutate(tells=facts.is_counted & ~silent, reason=reason_of(facts, question))
    columns = {*keys, *(dimensions.find(name).column for name in by)}
    facts = facts.select(*sorted(columns), "subject", "tells", "reason")
    spans = tables("open_spans")
    # What was closed before the first moment that is asked about is in no level.
    since = moment(question.frame.earlier_until or question.frame.start)
    touching = spans.filter(
        spans.opened_local < moment(question.frame.until),
        spans.closed_local.isnull() | (spans.closed_local >= since),
    ).select(*keys, "opened_local", "closed_local")
    return touching.inner_join(facts, keys)


def _open_at(spans: ir.Table, at: datetime) -> ir.Table:
    then = moment(at)
    return spans.filter(spans.opened_local < then, spans.closed_local.isnull() | (spans.closed_local >= then))


def _levels(open_then: ir.Table, groups: list[str]) -> ir.Table:
    counted = open_then.group_by(["phase", *groups]).aggregate(n=open_then.count())
    return counted.mutate(value=counted.n.cast("float64"))


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
