"""What was open at a moment, and since when: from the stretches in which conversations were unsolved."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from analytics import dimensions, periods
from analytics.question import UNITS, Question, aligned, cuts, group_names, moment
from analytics.rows import counted, reason_of, rows_of
from core.errors import QuestionError
from core.keys import KEYS

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from analytics.base import TableOf

FAR = datetime.fromisoformat("9999-12-31")  # the end of what is not over; an OR would spoil the range join
MOST_HOURS = 14 * 24  # ages are read anew for every bucket


def branches(tables: TableOf, question: Question) -> list[ir.Table]:
    """The same parts as any metric: totals and groups at the end of each span, buckets, left out."""
    _refuse_many_hours(question)
    spans = _spans(tables, question, question.by)
    if question.metric.kind == "level" and not any(dimensions.find(name).many for name in question.by):
        return _added_up(spans, question)
    rows = _at_every_end(spans, question)
    if question.metric.kind == "ratio":
        rows = _by_divisor(rows, question)
    told = rows.filter(rows.tells)
    at_both, at_ends = told.filter(told.phase.notnull()), told.filter(told.bucket.notnull())
    parts = [aligned(_levels(at_both, question, ["phase"]), question, "total")]
    for end, by, groups in cuts(question):
        if by:
            split = dimensions.split(at_both, question.by, by)
            parts.append(aligned(_levels(split, question, ["phase", *groups]), question, f"group{end}"))
        if question.grain:
            split = dimensions.split(at_ends, question.by, by)
            parts.append(aligned(_levels(split, question, ["bucket", *groups]), question, f"bucket{end}"))
    out = rows.filter(~rows.tells, rows.phase == 0)
    n = out.step.sum() if question.metric.kind == "ratio" else out.count()
    reasons = out.group_by("reason").aggregate(n=n.cast("int64"))
    return [*parts, aligned(reasons, question, "excluded")]


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


def reads_every_bucket(question: Question) -> bool:
    """Whether the query names each bucket of the period, so that its text is another one for another period."""
    is_summed = question.metric.kind == "level" and not any(
        dimensions.find(name).many for name in question.by
    )
    return question.metric.of_moments and question.grain is not None and not is_summed


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
    """A row per moment asked about and conversation open then: phase, bucket (either may be NULL), measure."""
    import ibis

    frame, grain = question.frame, question.grain
    starts = periods.buckets(frame.start, frame.until, grain) if grain else []
    told: list[tuple[int | None, datetime | None, datetime]] = [
        (None, start, min(periods.bucket_end(start, grain), frame.until)) for start in starts if grain
    ]
    told.append((0, None, frame.until))
    if frame.earlier_until is not None:
        told.append((1, None, frame.earlier_until))
    nothing, no_phase = ibis.null("timestamp"), ibis.null("int8")
    # Arrays of one length, unnested beside each other.
    moments = (
        ibis.literal(1)
        .name("one")
        .as_table()
        .select(
            phase=ibis.array(
                [no_phase if p is None else ibis.literal(p, "int8") for p, _, _ in told]
            ).unnest(),
            bucket=ibis.array([nothing if at is None else moment(at) for _, at, _ in told]).unnest(),
            end=ibis.array([moment(at) for _, _, at in told]).unnest(),
        )
    )
    if grain != "hour":
        # Most spans are over before the next moment, and a join tries every pair; few are over within the hour.
        ends = sorted({at for _, _, at in told})
        spans = spans.filter(_next_end(spans.opened_local, ends) <= spans.closed)
    open_then = spans.inner_join(moments, [spans.opened_local < moments.end, spans.closed >= moments.end])
    return open_then.mutate(measure=_measured(open_then, question, open_then.end))


def _next_end(opened: ir.Column, ends: list[datetime]) -> ir.Column:
    """The first of these ends after a span opened, found by halves; the last where there is none."""
    import ibis

    if len(ends) == 1:
        return moment(ends[0])
    half = len(ends) // 2
    found: ir.Column = ibis.ifelse(
        opened < moment(ends[half - 1]), _next_end(opened, ends[:half]), _next_end(opened, ends[half:])
    )
    return found


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
    return spans.mutate(
        tells=counted(spans, question).fill_null(False),
        reason=reason_of(spans, question),
        closed=_closed(spans),
    )


def _open_at(spans: ir.Table, at: datetime) -> ir.Table:
    then = moment(at)
    return spans.filter(spans.opened_local < then, _closed(spans) >= then)


def _closed(spans: ir.Table) -> ir.Column:
    """When a span ended, far away while it has not: one comparison is twice as fast as two."""
    import ibis

    ended: ir.Column = ibis.coalesce(spans.closed_local, moment(FAR))
    return ended


def _by_divisor(rows: ir.Table, question: Question) -> ir.Table:
    """How many rows there are of each value that a ratio divides by: few, where the rows are many."""
    columns = {dimensions.find(name).column for name in question.by}
    rows = rows.mutate(divisor=question.metric.divides_by(rows))
    keys = ["phase", "bucket", "tells", "reason", "divisor", *sorted(columns)]
    return rows.group_by(keys).aggregate(step=rows.count())


def _levels(open_then: ir.Table, question: Question, keys: list[str]) -> ir.Table:
    metric = question.metric
    if metric.kind == "ratio":
        level = open_then.group_by(keys).aggregate(
            n=open_then.step.sum().cast("int64"), among=open_then.divisor.nunique()
        )
        return level.mutate(value=level.n.cast("float64") / level.among.nullif(0))
    value = metric.aggregate(open_then.measure, open_then.count())
    return open_then.group_by(keys).aggregate(value=value, n=open_then.count())


def _added_up(spans: ir.Table, question: Question) -> list[ir.Table]:
    """Every part of a level from one pass over the spans: how many opened in one bucket and closed in another."""
    frame, groups = question.frame, group_names(question)
    until, earlier = moment(frame.until), frame.earlier_until
    spans = dimensions.split(spans, question.by)
    opened, ended = _buckets(spans, question)
    at_end = spans.closed >= until
    at_start = (
        (spans.opened_local < moment(earlier)) & (spans.closed >= moment(earlier)) if earlier else at_end
    )
    cells = spans.select(
        *groups, "tells", "reason", opened=opened, ended=ended, at_end=at_end, at_start=at_start
    )
    cells = cells.group_by([*groups, "tells", "reason", "opened", "ended", "at_end", "at_start"]).aggregate(
        step=cells.count()
    )
    told, both = cells.filter(cells.tells), _both(cells.filter(cells.tells), question)
    parts = [aligned(_steps(both, ["phase"]), question, "total")]
    for end, by, names in cuts(question):
        if by:
            parts.append(aligned(_steps(both, ["phase", *names]), question, f"group{end}"))
        if question.grain:
            parts.append(aligned(_running(told, question, names), question, f"bucket{end}"))
    out = cells.filter(~cells.tells, cells.at_end)
    reasons = out.group_by("reason").aggregate(n=out.step.sum().cast("int64"))
    return [*parts, aligned(reasons, question, "excluded")]


def _buckets(spans: ir.Table, question: Question) -> tuple[ir.Value, ir.Value]:
    """The bucket in which a span opened, or the first; and in which it closed, NULL while it had not."""
    import ibis

    frame, nothing = question.frame, ibis.null("timestamp")
    if question.grain is None:
        return nothing, nothing
    unit = UNITS[question.grain]
    first = moment(frame.start).truncate(unit)
    opened = ibis.greatest(spans.opened_local.truncate(unit), first)
    ended = (spans.closed < moment(frame.until)).ifelse(spans.closed.truncate(unit), nothing)
    return opened, ended


def _both(cells: ir.Table, question: Question) -> ir.Table:
    import ibis

    now = cells.filter(cells.at_end).mutate(phase=ibis.literal(0, "int8"))
    if question.frame.earlier_until is None:
        return now
    return ibis.union(now, cells.filter(cells.at_start).mutate(phase=ibis.literal(1, "int8")))


def _steps(cells: ir.Table, keys: list[str]) -> ir.Table:
    level = cells.group_by(keys).aggregate(n=cells.step.sum().cast("int64"))
    return level.mutate(value=level.n.cast("float64"))


def _running(cells: ir.Table, question: Question, groups: list[str]) -> ir.Table:
    """Opened minus closed, added up bucket by bucket; what was open before lands in the first bucket."""
    import ibis

    frame, grain = question.frame, question.grain
    assert grain is not None  # noqa: S101 - asked for only when there is a grain
    first = moment(frame.start).truncate(UNITS[grain])
    left = cells.filter(cells.ended.notnull())
    steps = ibis.union(
        cells.select(*groups, "step", bucket="opened"),
        left.select(*groups, step=-left.step, bucket=ibis.greatest(left.ended, first)),
    )
    net = steps.group_by([*groups, "bucket"]).aggregate(step=steps.step.sum())
    total = net.step.sum().over(ibis.cumulative_window(group_by=groups or None, order_by="bucket"))
    level = net.mutate(n=total.cast("int64"))
    return level.mutate(value=level.n.cast("float64"))
