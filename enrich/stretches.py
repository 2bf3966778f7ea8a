"""Weekly hours on the wall clock of a zone, as stretches of UTC: right on days that are 23 or 25 hours long.

A wall-clock time that the clock jumps over is the instant of the jump; one that comes twice is its first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.opening_hours import DAY_MIN, WEEK_MIN, Week

Stretch = tuple[datetime, datetime]
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours that hold from one instant to another (None: since ever, for ever), in minutes of the week."""

    zone: str
    week: Week
    closed: frozenset[date] = frozenset()
    since: datetime | None = None
    until: datetime | None = None


def stretches(versions: Iterable[Hours], begin: datetime, end: datetime) -> list[Stretch]:
    """Working stretches from `begin` to `end` (UTC) in order, without overlap; those that touch are one."""
    found = sorted(piece for hours in versions for piece in _pieces(hours, begin, end))
    merged: list[Stretch] = []
    for start, stop in found:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    return merged


def seconds_between(hours: Sequence[Stretch], start: datetime, end: datetime) -> int:
    """Whole working seconds from `start` to `end`, counted stretch by stretch. Raises ValueError when reversed."""
    if end < start:
        raise ValueError(f"the interval ends before it starts: {start.isoformat()} to {end.isoformat()}")
    worked = (min(end, stop) - max(start, begun) for begun, stop in hours if begun < end and stop > start)
    return sum(worked, timedelta()) // _SECOND


def instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The first instant (UTC) at which the wall clock shows this minute of the day, or a later one after a jump."""
    wall = datetime.combine(day, time(), zone) + timedelta(minutes=minute)
    first, second = (wall.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    return first if first <= second else _jump(zone, second, first)


def _jump(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """The instant between the two at which the zone's offset changes, to the second."""
    offset = low.astimezone(zone).utcoffset()
    while high - low > _SECOND:
        middle = low + (high - low) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high


def _pieces(hours: Hours, begin: datetime, end: datetime) -> Iterator[Stretch]:
    """Working time of every local date of one version, cut to when it holds."""
    begin, end = max(begin, hours.since or begin), min(end, hours.until or end)
    zone, days = ZoneInfo(hours.zone), _by_day(hours.week)
    day, last = begin.astimezone(zone).date(), end.astimezone(zone).date()
    while day <= last:
        for start, stop in () if day in hours.closed else days[day.isoweekday() % 7]:
            piece = max(begin, instant(day, start, zone)), min(end, instant(day, stop, zone))
            if piece[0] < piece[1]:
                yield piece
        day += _DAY


def _by_day(week: Week) -> list[list[tuple[int, int]]]:
    """Minutes of each day from Sunday: intervals are cut at midnight, so that a closed day closes all of its own."""
    days: list[list[tuple[int, int]]] = [[] for _ in range(7)]
    for start, stop in week:
        stop = min(stop, start + WEEK_MIN)
        while start < stop:
            midnight = (start // DAY_MIN + 1) * DAY_MIN
            days[start // DAY_MIN % 7].append((start % DAY_MIN, min(stop, midnight) - midnight + DAY_MIN))
            start = midnight
    return days
