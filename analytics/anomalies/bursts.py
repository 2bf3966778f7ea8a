"""Bursts of hours among the incidents of days: where they brought most of a day, or as incidents of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from analytics.anomalies.hourly import Burst
from analytics.anomalies.incidents import Incident
from analytics.anomalies.reading import Panel, as_slice

MOST_OF_IT = 0.5  # of what a day had too many, from which its burst is where most of it came


def added(incidents: Sequence[Incident], bursts: Sequence[Burst], panel: Panel) -> list[Incident]:
    """The incidents of volume with bursts: as the hours of a day of everything that they brought most of, else one each."""
    by_day = {one.day: one for one in bursts}
    told = [_with_hours(one, by_day[one.peak]) if one.peak in by_day else one for one in incidents]
    known = {one.peak for one in told if one.hours}
    return [*told, *(_incident(one, panel) for day, one in by_day.items() if day not in known)]


def _is_of_the_day(one: Incident) -> bool:
    """Whether it is one day of everything that brought too many: what a burst of everything can be a part of."""
    return not one.where and one.span == 1 and one.is_above


def _with_hours(one: Incident, burst: Burst) -> Incident:
    most = burst.actual - burst.expected >= MOST_OF_IT * (one.actual - one.expected)
    return replace(one, hours=(burst.first, burst.last)) if _is_of_the_day(one) and most else one


def _incident(burst: Burst, panel: Panel) -> Incident:
    metric, day = panel.metric, burst.day
    return Incident(
        metric=metric.name, title=metric.title, unit=metric.unit, where=(), start=day, end=day, opened=day, peak=day,
        span=1, actual=burst.actual, expected=burst.expected, low=burst.low, high=burst.high, n=int(burst.actual),
        p=burst.p, weekday_norm=None, is_shift=False, is_open=False, hours=(burst.first, burst.last),
        scope=as_slice(panel.filters), is_burst=True,
    )  # fmt: skip
