"""What numbers were told before: values of closed days, kept by each refresh, and what changed since."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from analytics import catalogue, periods
from analytics.base import FACTS, Metric, TableOf
from analytics.compute import ask, compute
from analytics.outcome import value_of
from analytics.question import Question
from analytics.result import AsOf, Cause, MetricResult, Restated, Value
from analytics.rows import chosen
from analytics.shapes import sql_of
from core import clock, numbers
from core.errors import QuestionError
from core.filters import Filters, Grain, Period
from core.settings import Settings
from core.viewer import EVERYTHING, Viewer

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from store.ledger import KeptGrain, Then
    from store.reader import Reader
    from store.writer import Writer

MAIN = (
    "volume", "solved", "first_reply_median", "resolution_median", "csat_share", "sla_compliance", "reopen_rate",
    "one_touch_rate",
)  # fmt: skip
SEGMENTS = ("team", "channel")


def record(writer: Writer, settings: Settings) -> int:
    """Keep the main metrics of the work file's closed days where they are new or changed; gives how many values."""
    from store.ledger import Kept, follow_zone
    from store.ledger import record as keep
    from store.work import WorkReader

    follow_zone(writer, settings.workspace.reporting_zone)
    reader, told = WorkReader(writer), 0
    now = clock.now()
    today = _start_of(now.astimezone(settings.workspace.zone).date(), settings)
    for name in MAIN:
        metric = catalogue.find(name)
        span = _closed(reader, metric, settings)
        if span is None:
            continue
        asked = ask(reader, name, Filters(span), settings=settings, viewer=EVERYTHING)
        sql = sql_of(_by_segment, reader, asked.question, EVERYTHING)
        told += keep(
            writer, Kept(name, sql, _value(metric), _grains(metric), span.until), now=now, today=today
        )
    return told


def _by_segment(table_of: TableOf, question: Question) -> ir.Table:
    return chosen(table_of, question, (), *SEGMENTS, both=False)


def _by_conversation(table_of: TableOf, question: Question) -> ir.Table:
    return chosen(table_of, question, (), "source_id", "conversation_id", both=False)


def as_of(
    reader: Reader,
    name: str,
    filters: Filters,
    at: date,
    *,
    settings: Settings,
    viewer: Viewer,
    grain: Grain | None = None,
    by: tuple[str, ...] = (),
) -> AsOf:
    """A metric as it was known at the end of a day. Raises QuestionError for what the ledger does not hold."""
    from store import ledger

    metric = catalogue.find(name, settings)
    dimension, segment = _segment(metric, filters, by, viewer)
    instant = _start_of(at + timedelta(days=1), settings)
    began = ledger.first_told(reader, name)
    if began is None or began >= instant:
        since = f"{began.astimezone(settings.workspace.zone):%Y-%m-%d}" if began else "the next refresh on"
        raise QuestionError(
            f"what {name} was on {at} was not kept.", hint=f"The ledger of this metric begins {since}."
        )
    wanted = filters.period or periods.default_period(reader, settings)
    last = ledger.last_day(reader, name if metric.ripe_days else None, instant)
    if last is None or last < wanted.start:
        raise QuestionError(f"nothing of {wanted} was known on {at}.", hint="Choose a later day.")
    period = wanted.clipped(last)
    kept: KeptGrain = _kept_grain(metric, period, grain)
    found = ledger.known_at(reader, name, kept, dimension, period.start, period.end, instant)
    found = [then for then in found if segment is None or then.segment == segment]
    result = compute(reader, name, filters.over(period), settings=settings, viewer=viewer, grain=grain, by=by)
    notes = [f"On {at} it was known up to {period.end}."] if period != wanted else []
    return AsOf(
        name, metric.title, metric.unit, at, period, _total(metric, result, found),
        _rows(metric, result, found, grain), _causes(reader, metric, filters.over(period), instant, settings),
        tuple(notes), settings.workspace.reporting_zone, reader.number,
    )  # fmt: skip


def restated(reader: Reader, result: MetricResult, *, settings: Settings, viewer: Viewer) -> AsOf | None:
    """How a closed period was told when it closed, where it is another number now; None where nothing is known."""
    from store import ledger

    if result.name not in MAIN or result.in_progress or not _may_read(viewer):
        return None
    # A day of few conversations may have none of this metric's: any metric tells that the day was over.
    ripe = catalogue.find(result.name).ripe_days
    told = ledger.first_told(reader, result.name if ripe else None, result.period.end)
    if told is None:
        return None
    at = told.astimezone(settings.workspace.zone).date()
    try:
        then = as_of(reader, result.name, result.filters, at, settings=settings, viewer=viewer)
    except QuestionError:
        return None
    return then if then.changed and then.period == result.period else None


def told(found: AsOf) -> str:
    """ "2026-10-01 to 2026-10-31 was 91.2 % (n = 812) on 2026-11-01, now 90.6 % (n = 824): 37 reopened since." """
    then, now = (_written(value, found.unit) for value in (found.total.then, found.total.now))
    if not found.changed:
        return f"{found.period} was {then} on {found.as_of}, as it is now."
    because = ", ".join(f"{cause.n:,} {cause.what}" for cause in found.causes)
    return f"{found.period} was {then} on {found.as_of}, now {now}{f': {because}' if because else ''}."


def _written(value: Value, unit: str) -> str:
    text = numbers.value(value.value, unit, value.n)
    return text if unit == "count" else f"{text} (n = {value.n:,})"


def _closed(reader: Reader, metric: Metric, settings: Settings) -> Period | None:
    """The days of a metric that are over, ripe and completely loaded."""
    first = periods.first_day(reader, settings)
    loaded = periods.loaded_since(reader, settings, EVERYTHING, Filters())
    if first is None:
        return None
    if loaded is not None:
        first = max(first, loaded[1].date() + timedelta(days=1))
    known = periods.known_until(reader, settings) - timedelta(days=metric.ripe_days)
    last = known.date() - timedelta(days=1)
    return Period(first, last) if last >= first else None


def _start_of(day: date, settings: Settings) -> datetime:
    """The instant at which a day begins in the reporting zone."""
    return datetime.combine(day, time(), settings.workspace.zone).astimezone(UTC)


def _value(metric: Metric) -> str:
    """The number over `measure`, in the store's SQL."""
    if metric.quantile is not None:
        return f"quantile_cont(measure, {metric.quantile})"
    return "count(*)" if metric.kind == "count" else "avg(measure)"


def _may_read(viewer: Viewer) -> bool:
    """Whether the ledger is the viewer's: it counts every conversation, and names no customer."""
    return not viewer.is_limited and viewer.may("agent_names")


def _grains(metric: Metric) -> tuple[KeptGrain, ...]:
    return ("day", "month") if metric.quantile is not None else ("day",)


def _segment(metric: Metric, filters: Filters, by: tuple[str, ...], viewer: Viewer) -> tuple[str, str | None]:
    """The dimension of the ledger that a question is about, and its segment; None for all of them."""
    if metric.name not in MAIN:
        raise QuestionError(f"the ledger does not keep {metric.name}.", hint=f"It keeps {', '.join(MAIN)}.")
    pairs = filters.where
    plain = _may_read(viewer) and filters.hours == "calendar" and not (filters.include or filters.groups)
    if plain and not pairs and not by:
        return "total", ""
    if plain and not pairs and len(by) == 1 and by[0] in SEGMENTS:
        return by[0], None
    if plain and not by and len(pairs) == 1 and pairs[0][0] in SEGMENTS and len(pairs[0][1]) == 1:
        return pairs[0][0], pairs[0][1][0]
    raise QuestionError(
        "the ledger keeps totals, teams and channels.", hint="Ask for the total, one of them, or --by team."
    )


def _kept_grain(metric: Metric, period: Period, grain: Grain | None) -> KeptGrain:
    """Which of the kept buckets answer. Raises QuestionError where none can: medians do not add up."""
    if metric.quantile is None:
        if grain == "hour":
            raise QuestionError("the ledger keeps days.", hint="Ask for --grain day or a longer one.")
        return "day"
    whole_month = period.start.day == 1 and period.until.day == 1 and period.days <= 31
    if grain == "day" or (grain is None and period.days == 1):
        return "day"
    if (grain == "month" and period.start.day == 1) or (grain is None and whole_month):
        return "month"
    raise QuestionError(
        f"{metric.title.lower()} of several days cannot be put together from theirs.",
        hint="Ask for one day, one month, or --grain day or month.",
    )


def _together(metric: Metric, found: Sequence[Then]) -> Value:
    """One number of several kept ones: counts added, shares weighted by their n, a median only of itself."""
    n = sum(then.n for then in found)
    if metric.kind == "count":
        return value_of(metric, float(n), n)
    if metric.quantile is not None:
        return value_of(metric, found[0].value if len(found) == 1 else None, n)
    hits = sum((then.value or 0) * then.n for then in found)
    return value_of(metric, hits / n if n else None, n)


def _total(metric: Metric, result: MetricResult, found: Sequence[Then]) -> Restated:
    if metric.quantile is not None and len(found) > 1:  # the parts are known, and not the whole
        return Restated(None, (), _together(metric, found), Value(None, result.total.n))
    return Restated(None, (), _together(metric, found), result.total)


def _rows(
    metric: Metric, result: MetricResult, found: Sequence[Then], grain: Grain | None
) -> tuple[Restated, ...]:
    """Each bucket and group of today's answer, and those that there were then only."""
    if not grain and not result.by:
        return ()
    cells: dict[tuple[date | None, tuple[str, ...]], list[Then]] = {}
    for then in found:
        bucket = periods.bucket_start(periods.midnight(then.day), grain).date() if grain else None
        cells.setdefault((bucket, (then.segment,) if result.by else ()), []).append(then)
    now = {
        (row.bucket, row.group): Value(row.value, row.n, row.low, row.high, row.small)
        for row in (result.rows or result.groups)
    }
    nothing = Value(0.0 if metric.kind == "count" else None, 0)
    return tuple(
        Restated(
            bucket,
            group,
            _together(metric, cells.get((bucket, group), [])),
            now.get((bucket, group), nothing),
        )
        for bucket, group in sorted({*cells, *now}, key=str)
    )


def _causes(
    reader: Reader, metric: Metric, filters: Filters, since: datetime, settings: Settings
) -> tuple[Cause, ...]:
    """What happened to the number's conversations since then, as far as it can be counted."""
    from store.ledger_causes import Span, arrived, deleted, rated, reopened

    question = ask(reader, metric.name, filters, settings=settings, viewer=EVERYTHING).question
    frame, rows = question.frame, sql_of(_by_conversation, reader, question, EVERYTHING)
    span = Span(rows, metric.bucket, frame.start, frame.until, since)
    found = {"loaded since": arrived(reader, span)}
    if metric.table == FACTS:
        found["deleted since"] = deleted(reader, span)
    if metric.bucket == "last_solved_local":
        found["reopened since"] = reopened(reader, span)
    if metric.name == "csat_share":
        found["rated late"] = rated(reader, span)
    return tuple(Cause(what, n) for what, n in found.items() if n)
