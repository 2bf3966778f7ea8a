"""Working time minute by minute, read off the wall clock: slow, plain, and independent of the product's arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

Interval = tuple[int, int]  # minutes since Sunday 00:00
MINUTE = timedelta(minutes=1)


def is_open(
    moment: datetime, zone: str, week: Iterable[Interval], closed: frozenset[date] = frozenset()
) -> bool:
    """Whether the wall clock of the zone shows a working minute.

    Hours that end in a time that comes twice end when it comes first: while the clock repeats itself, those work
    who go on working afterwards.
    """
    wall = moment.astimezone(ZoneInfo(zone))
    while wall.fold and (following := (moment := moment + MINUTE).astimezone(ZoneInfo(zone))).fold:
        wall = following
    if wall.date() in closed:
        return False
    shown = wall.isoweekday() % 7 * 1440 + wall.hour * 60 + wall.minute
    return any(start <= shown < end or start <= shown + 10080 < end for start, end in week)


def minutes(start: datetime, end: datetime, rule: Callable[[datetime], bool]) -> float:
    """Working minutes from `start` to `end`, each asked whether it is open; the first and last may be parts."""
    total = timedelta()
    moment = start.astimezone(UTC)
    while moment < end:
        following = min(moment.replace(second=0, microsecond=0) + MINUTE, end)
        if rule(moment):
            total += following - moment
        moment = following
    return total / MINUTE
