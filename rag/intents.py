"""Which numbers each kind of question needs. They fill a ledger by role; the writer speaks of the roles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from analytics.days import BASELINE_DAYS
from core.errors import NotEnoughData, QuestionError
from core.filters import NONE, Filters, Period
from core.viewer import Viewer
from rag.answer import QueryPlan
from rag.associations import associations
from rag.beyond import is_of_moment, limited, stratum_of
from rag.context import RagContext
from rag.incidents import note_incidents
from rag.numbers import SHOWN_GROUPS, Ledger, Numbers, Stratum, baseline_of, describe, elapsed, passing
from rag.outlook import outlook
from rag.vocabulary import CLOCK

if TYPE_CHECKING:
    from analytics.days import DayReport, DaySegment
    from analytics.result import MetricResult, Row
    from analytics.splits import Segment

LEAN = {
    "sentiment_negative_share": "negative",
    "sentiment_positive_share": "positive",
    "sentiment_neutral_share": "neutral",
}
OVERVIEW = ("volume", "first_reply_median", "sentiment_negative_share")


def compute_numbers(context: RagContext, plan: QueryPlan, period: Period, viewer: Viewer) -> Numbers:
    """The numbers that answer a plan over a period."""
    ledger = Ledger(context, viewer, period)
    filters = plan.scope().over(period)
    write = limited if plan.limit and plan.metrics else _BY_INTENT.get(plan.intent, _count)
    write(ledger, plan, filters)
    if not ledger.book.strata or is_of_moment(ledger, plan):
        ledger.book.strata[:] = [stratum_of(ledger, plan, filters, _lean(plan))]
    return ledger.book


def _lean(plan: QueryPlan) -> str | None:
    return next((LEAN[name] for name in plan.metrics if name in LEAN), None)


def _totals(ledger: Ledger, plan: QueryPlan, filters: Filters, names: tuple[str, ...]) -> None:
    """Each metric over the period, against the period before or the named one."""
    period = filters.period or ledger.book.period
    for name in names:
        if period.days == 1 and name == "volume" and not plan.baseline:
            _volume_of_day(ledger, plan, filters, period)
            continue
        against, label = (
            baseline_of(plan, period) if plan.baseline else (period.previous(), str(period.previous()))
        )
        result = ledger.ask(name, filters, compare=not plan.baseline)
        if plan.baseline:
            against = elapsed(result, against)
            label = str(against)
        before = ledger.ask(name, filters.over(against)).total if plan.baseline else result.previous
        if result.previous_period and not plan.baseline:
            label = str(result.previous_period)
        ledger.compared("total", result, before, describe(plan.filters, result.period), label)


def _volume_of_day(ledger: Ledger, plan: QueryPlan, filters: Filters, period: Period) -> None:
    """One day's conversations against the mean day of the four weeks before."""
    against, label = baseline_of(plan, period)
    result = ledger.ask("volume", filters)
    mean = (ledger.ask("volume", filters.over(against)).total.value or 0.0) / against.days
    more: dict[str, object] = {"baseline": mean, "baseline_label": f"a day on average in {label}"}
    if result.total.value is not None:
        more["delta"] = result.total.value - mean
    ledger.note("total", result, result.total, describe(plan.filters, result.period), **more)


def _count(ledger: Ledger, plan: QueryPlan, filters: Filters) -> None:
    names = plan.metrics or (OVERVIEW if plan.filters else ("volume",))
    _totals(ledger, plan, filters, names)
    if plan.grain:
        ledger.chart(ledger.ask(names[0], filters, grain=plan.grain))
    if plan.group_by:
        _groups(ledger, plan, filters, names[0], plan.group_by[0])


def _groups(ledger: Ledger, plan: QueryPlan, filters: Filters, name: str, dimension: str) -> None:
    """The metric per value of a dimension, the most telling first, each against the period before."""
    try:
        result = ledger.ask(name, filters, by=(dimension,), compare=True)
    except QuestionError as error:  # what is open at a moment has no weekday
        ledger.book.notes.append(error.message)
        return
    ledger.chart(result)
    _about_clock(ledger, result, dimension)
    rows = [row for row in result.groups if row.value is not None and not row.small and row.n]
    rows = [row for row in rows if plan.filters.get(dimension) or row.group != (NONE,)]
    down = plan.lowest
    if result.unit != "count":
        rows.sort(key=lambda row: row.value or 0.0, reverse=not down)
    elif down:
        rows.sort(key=lambda row: row.n)
    if plan.intent == "trend":
        moved = [row for row in rows if (_delta(row) < 0 if down else _delta(row) > 0)]
        rows = sorted(moved, key=_delta, reverse=not down)
        if not rows:
            way = "went down" if down else "went up"
            ledger.book.notes.append(f"No {dimension} with enough conversations to judge {way}.")
    for row in rows[:SHOWN_GROUPS]:
        _group_fact(ledger, result, row, dimension, filters)
    if not ledger.book.strata and dimension not in CLOCK:
        top = rows[:3]
        weight = sum(row.n for row in top) or 1
        for row in top:
            narrowed = filters.narrowed(dimension, row.group[0])
            ledger.book.strata.append(Stratum(row.group[0], narrowed, row.n / weight, _lean(plan)))


def _about_clock(ledger: Ledger, result: MetricResult, dimension: str) -> None:
    """What a reader of weekdays or hours has to know: which have none at all, and which occur once more."""
    if dimension not in CLOCK or result.unit != "count":
        return
    from analytics.dimensions import find

    seen = {row.group[0] for row in result.groups if row.n}
    none = [value for value in find(dimension).values if value not in seen]
    if seen and none:
        ledger.book.notes.append(f"{result.title}: none at all for {', '.join(none)}.")
    if dimension != "hour" and result.period.days % 7:
        ledger.book.notes.append(
            f"{result.period} is no whole number of weeks: some weekdays occur once more than others."
        )


def _delta(row: Row) -> float:
    """How far a group moved since the period before; 0 where either number rests on next to nothing."""
    before = row.previous
    if before is None or before.value is None or row.value is None or before.small or row.small:
        return 0.0
    return row.value - before.value


def _group_fact(ledger: Ledger, result: MetricResult, row: Row, dimension: str, filters: Filters) -> None:
    more: dict[str, object] = {"group": row.group, **passing(filters.narrowed(dimension, row.group[0]))}
    before = row.previous
    if before is not None and before.value is not None and not before.small and row.value is not None:
        more |= {"baseline": before.value, "baseline_n": before.n, "delta": row.value - before.value,
                 "baseline_label": str(result.previous_period)}  # fmt: skip
    label = f"{row.group[0]}:00" if dimension == "hour" else " / ".join(row.group)
    ledger.note("group", result, row, label, **more)


def _top_n(ledger: Ledger, plan: QueryPlan, filters: Filters) -> None:
    names = plan.metrics or ("volume",)
    if not plan.group_by and plan.by_day:
        _best_day(ledger, plan, filters, names[0])
        return
    _totals(ledger, plan, filters, names[:1])
    _groups(ledger, plan, filters, names[0], plan.group_by[0] if plan.group_by else "topic")


def _best_day(ledger: Ledger, plan: QueryPlan, filters: Filters, name: str) -> None:
    """Which day was the highest or lowest; or which week, month or quarter."""
    from analytics.periods import bucket_end

    grain = plan.grain if plan.grain in ("week", "month", "quarter", "year") else "day"
    result = ledger.ask(name, filters, grain=grain)
    ledger.chart(result)
    _totals(ledger, plan, filters, (name,))
    rows = [row for row in result.rows if row.value is not None and not row.small and not row.partial]
    rows.sort(key=lambda row: row.value or 0.0, reverse=not plan.lowest)
    for row in rows[:3]:
        start = datetime.combine(row.bucket or result.period.start, time())
        first, last = start.date(), (bucket_end(start, grain) - timedelta(days=1)).date()
        label = str(first) if grain == "day" else f"{grain} of {first}"
        ledger.note("group", result, row, label, group=(label,), period={"start": first, "end": last})


def _compare(ledger: Ledger, plan: QueryPlan, filters: Filters) -> None:
    """Two values of one dimension side by side, or one period against another."""
    names = plan.metrics or OVERVIEW
    pair = next((name for name, values in plan.filters.items() if len(values) > 1), None)
    if pair is None:
        _totals(ledger, plan, filters, names)
        if plan.group_by:
            _groups(ledger, plan, filters, names[0], plan.group_by[0])
        return
    for name in names[:2]:
        result = ledger.ask(name, filters, by=(pair,), compare=True)
        ledger.chart(result)
        wanted = plan.filters[pair]
        for row in sorted(result.groups, key=lambda r: -(r.value or 0.0)):
            if row.group[0] in wanted:
                _group_fact(ledger, result, row, pair, filters)


def _trend(ledger: Ledger, plan: QueryPlan, filters: Filters) -> None:
    """The metric in buckets, and its later half against its earlier one; or which groups moved the most."""
    from analytics.periods import auto_grain

    name = plan.metrics[0] if plan.metrics else "volume"
    period = filters.period or ledger.book.period
    if plan.group_by:
        _groups(ledger, plan, filters, name, plan.group_by[0])
        _totals(ledger, plan, filters, (name,))
        return
    whole = ledger.ask(name, filters, grain=plan.grain or auto_grain(period))
    ledger.chart(whole)
    end = min(period.end, max(period.start, (whole.as_of - timedelta(microseconds=1)).date()))
    half = ((end - period.start).days + 1) // 2  # of the days that there are
    later = Period(end - timedelta(days=half - 1), end) if half else Period(period.start, end)
    for one in (name, *(other for other in plan.metrics[1:] if not other.endswith("_p90"))):
        now = ledger.ask(one, filters.over(later))
        before = ledger.ask(one, filters.over(later.previous())).total if half else None
        ledger.compared("halves", now, before, describe(plan.filters, later), str(later.previous()))
    _totals(ledger, plan, filters, (name,))
    _movers(ledger, plan, filters.over(later), name)


def _why(ledger: Ledger, plan: QueryPlan, filters: Filters) -> None:
    """What a change consists of: a day against the four weeks before it, else a period against the one before."""
    name = plan.metrics[0] if plan.metrics else "volume"
    period = filters.period or ledger.book.period
    if period.days == 1 and name != "backlog" and not plan.baseline:
        _why_day(ledger, plan, filters, name)
    else:
        _totals(ledger, plan, filters, (name,))
        _movers(ledger, plan, filters, name)
    others = tuple(n for n in (*plan.metrics[1:], "volume") if n != name)[:1]
    _totals(ledger, plan, filters, others)
    note_incidents(ledger, plan)


def _why_day(ledger: Ledger, plan: QueryPlan, filters: Filters, name: str) -> None:
    from analytics.days import explain_day

    period = filters.period or ledger.book.period
    against, label = baseline_of(plan, period)
    now, before = ledger.ask(name, filters), ledger.ask(name, filters.over(against))
    try:
        report = explain_day(
            ledger.context.reader, period.start, name, filters.over(None),
            settings=ledger.context.settings, viewer=ledger.viewer,
        )  # fmt: skip
    except NotEnoughData as error:
        ledger.book.notes.append(error.message)
        ledger.compared("total", now, before.total, describe(plan.filters, period), label)
        return
    _day_total(ledger, plan, now, report, label)
    _day_cells(ledger, plan, filters, name, report)
    ledger.book.roles["unusual"] = [f.id for f in ledger.book.role("total")] if report.unusual else []


def _day_total(ledger: Ledger, plan: QueryPlan, now: MetricResult, report: DayReport, label: str) -> None:
    """The day's number; a count is compared with what such a weekday usually brings."""
    usual = report.n_usual if report.unit == "count" else report.usual.value
    if report.unit == "count":
        label = f"usual for that weekday in the {BASELINE_DAYS} days before"
    more: dict[str, object] = {"baseline": usual, "baseline_label": label}
    if report.unit != "count":
        more["baseline_n"] = report.usual.n
    if usual is not None and now.total.value is not None:
        more["delta"] = now.total.value - usual
    ledger.note("total", now, now.total, describe(plan.filters, now.period), **more)


def _day_cells(ledger: Ledger, plan: QueryPlan, filters: Filters, name: str, report: DayReport) -> None:
    """The headline segment first, then the largest others of plain dimensions; each asked again with its own filter."""
    chosen = [report.headline] if report.headline else []
    for segment in report.segments:
        same = any(set(segment.value.split(" / ")) & set(c.value.split(" / ")) for c in chosen)
        if segment not in chosen and not same and segment.value not in (NONE, "") and len(chosen) < 3:
            chosen.append(segment)
    day = filters.period
    for segment in chosen:
        narrowed = _narrowed(filters, segment)
        if narrowed is None or day is None:
            continue
        now = ledger.ask(name, narrowed)
        usual: float | None = segment.n_usual
        if report.unit != "count":
            before = ledger.ask(name, narrowed.over(report.baseline)).total
            usual = None if before.small else before.value
        more: dict[str, object] = {
            "group": tuple(segment.value.split(" / ")),
            "baseline": usual,
            "baseline_label": "usual",
        }
        if usual is not None and now.total.value is not None:
            more["delta"] = now.total.value - usual
        role = "headline" if segment is report.headline else "cell"
        ledger.note(role, now, now.total, segment.value.replace(" / ", ", "), **more)
        weight = abs(segment.contribution) or 0.01
        ledger.book.strata.append(Stratum(segment.value, narrowed, weight, _lean(plan)))
    if report.headline:
        _within_headline(ledger, filters, report)


def _within_headline(ledger: Ledger, filters: Filters, report: DayReport) -> None:
    """How many conversations the headline segment had, and its main topic."""
    narrowed = _narrowed(filters, report.headline) if report.headline else None
    if narrowed is None or report.unit == "count":
        return
    volume = ledger.ask("volume", narrowed, by=("topic",))
    usual = report.headline.n_usual if report.headline else None
    more: dict[str, object] = {}
    if usual is not None and volume.total.value is not None:
        more = {
            "baseline": usual,
            "baseline_label": "usual for that weekday",
            "delta": volume.total.value - usual,
        }
    label = (report.headline.value if report.headline else "").replace(" / ", ", ")
    ledger.note("headline_volume", volume, volume.total, label, **more)
    topics = [row for row in volume.groups if row.group != (NONE,)]
    if topics and topics[0].n >= max(2, volume.total.n // 4):
        row = topics[0]
        ledger.note("headline_topic", volume, row, row.group[0], group=row.group,
                    **passing(narrowed.narrowed("topic", row.group[0])))  # fmt: skip


def _movers(ledger: Ledger, plan: QueryPlan, filters: Filters, name: str) -> None:
    """The segments that brought most of the change since the period before."""
    from analytics.changes import what_changed

    try:
        report = what_changed(
            ledger.context.reader, name, filters, settings=ledger.context.settings, viewer=ledger.viewer
        )
    except (NotEnoughData, QuestionError) as error:
        ledger.book.notes.append(error.message)
        return
    sign = 1 if report.change >= 0 else -1
    told = 0
    for segment in report.movers:
        narrowed = _narrowed(filters, segment)
        if narrowed is None or told == 3 or segment.contribution * sign <= 0:
            continue
        if segment.dimension in plan.filters or segment.value == NONE:
            continue
        told += _mover(ledger, plan, name, segment, narrowed, sign)


def _mover(
    ledger: Ledger, plan: QueryPlan, name: str, segment: Segment, narrowed: Filters, sign: int
) -> bool:
    """Write one segment down, unless its own number moved the other way; whether it was written."""
    result = ledger.ask(name, narrowed, compare=True)
    more: dict[str, object] = {"group": tuple(segment.value.split(" / "))}
    before = result.previous
    if before and before.value is not None and result.total.value is not None and not before.small:
        delta = result.total.value - before.value
        if delta * sign < 0:
            return False
        more |= {"baseline": before.value, "baseline_n": before.n, "delta": delta,
                 "baseline_label": str(result.previous_period)}  # fmt: skip
    if result.unit != "count" and result.total.small:
        return False
    ledger.note("mover", result, result.total, segment.value.replace(" / ", ", "), **more)
    stratum = Stratum(segment.value, narrowed, abs(segment.contribution) or 0.01, _lean(plan))
    ledger.book.strata.append(stratum)
    return True


def _narrowed(filters: Filters, segment: DaySegment | Segment) -> Filters | None:
    """The filters of a segment, whose dimensions and values are joined with " / "."""
    names = segment.dimension.split(" / ")
    values = segment.value.split(" / ") if len(names) > 1 else [segment.value]
    if len(names) != len(values):
        return None
    for name, value in zip(names, values, strict=True):
        filters = filters.narrowed(name, value)
    return filters


def _driver(ledger: Ledger, plan: QueryPlan, filters: Filters) -> None:
    associations(ledger, plan, filters, _lean(plan))


def _summarise(ledger: Ledger, plan: QueryPlan, filters: Filters) -> None:
    _totals(ledger, plan, filters, (plan.metrics or OVERVIEW)[:3])
    if "topic" not in plan.filters:
        _groups(ledger, plan, filters, "volume" if _lean(plan) != "positive" else plan.metrics[0], "topic")


def _lookup(ledger: Ledger, plan: QueryPlan, filters: Filters) -> None:
    asked = tuple(name for name in plan.metrics if name != "volume")
    if asked or plan.filters:
        _totals(ledger, plan, filters, asked[:1] or ("volume",))


_BY_INTENT: Mapping[str, Callable[[Ledger, QueryPlan, Filters], None]] = {
    "why_change": _why, "top_n": _top_n, "compare": _compare, "trend": _trend, "driver": _driver,
    "summarise": _summarise, "lookup": _lookup, "count": _count, "forecast": outlook,
}  # fmt: skip
