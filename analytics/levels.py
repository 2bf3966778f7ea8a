"""What was open at a moment, and since when: from the stretches in which conversations were unsolved."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from analytics import dimensions, periods
from analytics.question import UNITS, Question, aligned, cuts, moment
from analytics.rows import KEYS, counted, reason_of, rows_of
from core.errors import QuestionError

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from analytics.base import TableOf

FAR = datetime.fromisoformat("9999-12-31")  # the end of what is not over; an OR would spoil the range join
MOST_HOURS = 14 * 24  # ages are read anew for every bucket


def branches(tables: TableOf, question: Question) -> list[ir.Table]:
    """The same parts as any metric: totals and groups at the end of each span, buckets, left out."""
    _refuse_many_hours(question)
    spans = _spans(tables, question, question.by)
    told = spans.filter(spans.tells)
    open_then = _at_both(told, question)
    parts = [aligned(_levels(open_then, question, ["phase"]), question, "total")]
    for end, by, groups in cuts(question):
        if by:
            split = dimensions.split(open_then, question.by, by)
            parts.append(aligned(_levels(split, question, ["phase", *groups]), question, f"group{end}"))
        if question.grain:
            parts.append(aligned(_buckets(told, question, by, groups), question, f"bucket{end}"))
    spans = _spans(tables, question, ())
    out = _open_at(spans.filter(~spans.tells), question.frame.until)
    reasons = out.group_by("reason").aggregate(n=out.count())
    return [*parts, aligned(reasons, question, "excluded")]


def _buckets(told: ir.Table, question: Question, by: tuple[str, ...], groups: list[str]) -> ir.Table:
    if question.metric.kind == "level":
        return _running(dimensions.split(told, question.by, by), question, groups)
    split = dimensions.split(_at_every_end(told, question), question.by, by)
    return _levels(split, question, ["bucket", *groups])


def moments(tables: TableOf, question: Question, by: tuple[str, ...]) -> ir.Table:
    """A row per conversation open at the end of the period (phase 0) and of the one before (phase 1)."""
    spans = _spans(tables, question, by)
    return _at_both(spans.filter(spans.tells), question)


def open_now(tables: TableOf, question: Question, *held: str) -> ir.Table:
    """The conversations open at the end of the period, since when, and for how many seconds."""
    spans = _spans(tables, question, (), *held)
    rows = _open_at(spans.filter(spans.tells), question.frame.until)
    since = question.metric.measure if question.metric.kind == "level_quantile" else None
    age = moment(question.frame.until).delta(since(rows) if since else rows.opened_local, unit="second")
    return rows.select(*KEYS, *held, at=rows.opened_local, value=age.cast("float64"))


def _refuse_many_hours(question: Question) -> None:
    if question.metric.kind == "level" or question.grain != "hour":
        return
    if len(periods.buckets(question.frame.start, question.frame.until, "hour")) > MOST_HOURS:
        raise QuestionError(
            f"{question.metric.title.lower()} by the hour is read for {MOST_HOURS // 24} days at most.",
            hint="Choose a shorter period, or days.",
        )


def _at_both(spans: ir.Table, question: Question) -> ir.Table:
    import ibis

    frame, found = question.frame, []
    for phase, at in ((0, frame.until), (1, frame.earlier_until)):
        if at is not None:
            rows = _open_at(spans, at)
            found.append(
                rows.mutate(
                    phase=ibis.literal(phase, "int8"),
                    at=moment(at),
                    measure=_measured(rows, question, moment(at)),
                )
            )
    return ibis.union(*found) if len(found) > 1 else found[0]


def _at_every_end(spans: ir.Table, question: Question) -> ir.Table:
    """A row per bucket and conversation that was open at its end, with its measure then."""
    import ibis

    frame, grain = question.frame, question.grain
    assert grain is not None  # noqa: S101 - asked for only when there is a grain
    starts = periods.buckets(frame.start, frame.until, grain)
    ends = [min(periods.bucket_end(start, grain), frame.until) for start in starts]
    # Two arrays of one length, unnested beside each other.
    pairs = ibis.literal(1).name("one").as_table()
    pairs = pairs.select(
        bucket=ibis.array([moment(at) for at in starts]).unnest(),
        end=ibis.array([moment(at) for at in ends]).unnest(),
    )
    open_then = spans.inner_join(
        pairs,
        [
            spans.opened_local < pairs.end,
            _closed(spans) >= pairs.end,
        ],
    )
    return open_then.mutate(measure=_measured(open_then, question, open_then.end))


def _measured(rows: ir.Table, question: Question, at: ir.Column) -> ir.Column:
    """What a row is worth at a moment: 1 in a level; of ages the seconds since the measure's own moment."""
    import ibis

    measure = question.metric.measure
    if question.metric.kind != "level_quantile" or measure is None:
        return ibis.literal(1, "int64")
    return at.delta(measure(rows), unit="second")


def _spans(tables: TableOf, question: Question, by: tuple[str, ...], *more: str) -> ir.Table:
    """Open spans that touch either period, with what their conversation is filtered and split by."""
    spans = rows_of(tables, question, by, *more)
    # What was closed before the first moment that is asked about is in no level.
    since = moment(question.frame.earlier_until or question.frame.start)
    spans = spans.filter(spans.opened_local < moment(question.frame.until), _closed(spans) >= since)
    return spans.mutate(tells=counted(spans, question).fill_null(False), reason=reason_of(spans, question))


def _open_at(spans: ir.Table, at: datetime) -> ir.Table:
    then = moment(at)
    return spans.filter(spans.opened_local < then, _closed(spans) >= then)


def _closed(spans: ir.Table) -> ir.Column:
    """When a span ended, far away while it has not: one comparison is twice as fast as two."""
    import ibis

    ended: ir.Column = ibis.coalesce(spans.closed_local, moment(FAR))
    return ended


def _levels(open_then: ir.Table, question: Question, keys: list[str]) -> ir.Table:
    metric = question.metric
    divisor = metric.divides_by(open_then) if metric.kind == "ratio" else None
    value = metric.aggregate(open_then.measure, open_then.count(), divisor)
    return open_then.group_by(keys).aggregate(value=value, n=open_then.count())


def _running(spans: ir.Table, question: Question, groups: list[str]) -> ir.Table:
    """Opened minus closed, added up bucket by bucket; what was open before lands in the first bucket."""
    import ibis

    frame, grain = question.frame, question.grain
    assert grain is not None  # noqa: S101 - asked for only when there is a grain
    first, unit = moment(periods.bucket_start(frame.start, grain)), UNITS[grain]
    spans = spans.filter(_closed(spans) >= moment(frame.start))
    ended = (spans.closed_local < moment(frame.until)).ifelse(spans.closed_local.truncate(unit), None)
    # One pass over the spans: how many opened in one bucket and closed in another.
    moves = spans.select(
        *groups, opened=ibis.greatest(spans.opened_local.truncate(unit), first), closed=ended
    )
    moves = moves.group_by([*groups, "opened", "closed"]).aggregate(step=moves.count())
    left = moves.filter(moves.closed.notnull())
    steps = ibis.union(
        moves.select(*groups, "step", bucket="opened"),
        left.select(*groups, step=-left.step, bucket=ibis.greatest(left.closed, first)),
    )
    net = steps.group_by([*groups, "bucket"]).aggregate(step=steps.step.sum())
    total = net.step.sum().over(ibis.cumulative_window(group_by=groups or None, order_by="bucket"))
    level = net.mutate(n=total.cast("int64"))
    return level.mutate(value=level.n.cast("float64"))
