"""What a result says about itself in words: its hours, its coverage, its young and its repeated buckets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from analytics import dimensions
from analytics.base import Metric
from analytics.capabilities import Coverage
from analytics.outcome import Asked
from analytics.question import Question
from analytics.result import DimensionMoment, SourceCoverage

if TYPE_CHECKING:
    from core.filters import Filters


def as_of(question: Question) -> tuple[DimensionMoment, ...]:
    """As of when each dimension that was asked for holds."""
    names = dict.fromkeys(dimensions.names_of(question.filters, question.by))
    return tuple(DimensionMoment(name, question.metric.attribution.as_of(name)) for name in names)


def covered(metric: Metric, coverage: Coverage, filters: Filters, n: int, of_n: int) -> SourceCoverage | None:
    """How much of the data can tell; None when all of it can."""
    chosen = coverage.within(filters)
    telling = chosen - coverage.lacking.keys()
    if not coverage.lacking or telling == chosen:
        return None
    share = n / of_n if of_n else None
    text = f"covers {len(telling)} of {len(chosen)} sources"
    if share is not None:
        text += f", {share * 100:.0f} % of {metric.rows}"
    return SourceCoverage(len(telling), len(chosen), n, of_n, share, text)


def notes(asked: Asked, zone: ZoneInfo) -> tuple[str, ...]:
    """Everything that a reader of the number should know, in words."""
    question, frame, metric = asked.question, asked.question.frame, asked.question.metric
    found = [*asked.too_old]
    found += [f"{source} is not included: {reason}." for source, reason in asked.coverage.lacking.items()]
    if frame.until == frame.start:
        found.append(f"There is no data for {asked.period} yet.")
    elif frame.in_progress:
        last = (frame.until - timedelta(seconds=1)).date()
        found.append(f"The period is not over: it is counted up to {last}, as is the one before it.")
    if asked.ends_early:
        found.append(
            f"The data ends on {asked.period.end}; these are the {asked.period.days} days up to then."
        )
    if metric.kind == "rate":
        found.append(
            f"Divided by {question.per}, over the days that have it."
            if question.per
            else "No source brings daily numbers to divide by (docs/people.md)."
        )
    if metric.ripe_days:
        found.append(f"A conversation is judged {metric.ripe_days} days after its first solve.")
    return (*found, *of_kinds(question), *of_hours(question), *of_clock_changes(question, zone))


def of_hours(question: Question) -> list[str]:
    """Which clock was used, where working time was asked for."""
    if question.filters.hours != "business":
        return []
    if question.metric.business:
        return ["Working time: only the hours of the conversation's calendar count."]
    if question.metric.unit == "seconds":
        return [f"{question.metric.title} has no working time; this is calendar time."]
    return []


def of_kinds(question: Question) -> list[str]:
    """Which kinds of conversations count here that are left out by default."""
    return [f"Also counted: {', '.join(question.include)}."] if question.include else []


def of_clock_changes(question: Question, zone: ZoneInfo) -> list[str]:
    """The hours of the period that hold two, or none, because the clock was changed."""
    if question.grain != "hour":
        return []
    return [_told(*change) for change in clock_changes(question.frame.start, question.frame.until, zone)]


def clock_changes(start: datetime, until: datetime, zone: ZoneInfo) -> list[tuple[datetime, timedelta]]:
    """Wall-clock times in [start, until) at which the zone's clock is moved, and by how much."""
    found, day = [], start
    while day < until:
        after = min(day + timedelta(days=1), until)
        if _offset(day, zone) != _offset(after, zone):
            found.append(_change(day, after, zone))
        day = after
    return found


def _change(low: datetime, high: datetime, zone: ZoneInfo) -> tuple[datetime, timedelta]:
    """The moment between two wall-clock times, searched on the UTC axis where nothing repeats."""
    left, right = (at.replace(tzinfo=zone).astimezone(UTC) for at in (low, high))
    before = left.astimezone(zone).utcoffset()
    while right - left > timedelta(seconds=1):
        middle = left + (right - left) / 2
        if middle.astimezone(zone).utcoffset() == before:
            left = middle
        else:
            right = middle
    by = _offset(high, zone) - _offset(low, zone)
    local = (right.replace(microsecond=0).astimezone(zone)).replace(tzinfo=None)
    return (local if by < timedelta() else local - by), by


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    return at.replace(tzinfo=zone).utcoffset() or timedelta()


def _told(at: datetime, by: timedelta) -> str:
    if by < timedelta():
        return f"The clock went back on {at:%-d %b %Y}: the hour from {at:%H:%M} holds two hours."
    return f"The clock went forward on {at:%-d %b %Y}: the hour from {at:%H:%M} does not exist."
