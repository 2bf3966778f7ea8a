"""When a digest is due: a time of the wall clock in a zone, on some days."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from core.clock import WEEKDAYS
from core.errors import InputError
from core.zones import is_zone

Every = Literal["day", "workday", "week", "month"]
_FARTHEST = 62  # days between two that fit: a month and its neighbour


@dataclass(frozen=True, slots=True)
class Due:
    """A day of the timetable's zone, and the instant (UTC) on it."""

    day: date
    at: datetime


@dataclass(frozen=True, slots=True)
class Timetable:
    """`on` is the weekday (1 is Monday) of each week, or the day of each month: its last one where it is shorter.

    A time that the clock jumps over comes as much after the jump as it lay within it; one that it passes twice is the
    first of the two.
    """

    every: Every
    on: int
    at: time
    zone: str

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Timetable:
        """From {"every", "on", "at", "zone"}. Raises InputError."""
        every, zone = said.get("every", "week"), str(said.get("zone") or "UTC")
        if every not in get_args(Every):
            raise InputError(
                f"every cannot be {str(every)[:40]!r}.", hint=f"Choose {', '.join(get_args(Every))}."
            )
        if not is_zone(zone):
            raise InputError(f"{zone[:60]!r} is no time zone.", hint="Write one such as Europe/Berlin.")
        on, most = said.get("on", 1), {"week": 7, "month": 31}.get(every, 31)
        if isinstance(on, bool) or not isinstance(on, int) or not 1 <= on <= most:
            raise InputError(f"on cannot be {str(on)[:40]!r}.", hint=f"Write a number from 1 to {most}.")
        try:
            at = time.fromisoformat(str(said.get("at", "08:00")))
        except ValueError:
            at = None
        if at is None or at.tzinfo or at.second or at.microsecond:
            raise InputError(f"{str(said.get('at'))[:40]!r} is no time of the day.", hint="Write 08:00.")
        return cls(every, on if every in ("week", "month") else 1, at, zone)

    def plain(self) -> dict[str, Any]:
        """As it is kept."""
        return {"every": self.every, "on": self.on, "at": f"{self.at:%H:%M}", "zone": self.zone}

    def words(self) -> str:
        """For people: "every Monday at 08:00 (Europe/Berlin)"."""
        days = {"day": "every day", "workday": "Monday to Friday"}
        if self.every == "week":
            days["week"] = f"every {WEEKDAYS[self.on - 1]}"
        if self.every == "month":
            days["month"] = f"on day {self.on} of each month" + (", or its last" if self.on > 28 else "")
        return f"{days[self.every]} at {self.at:%H:%M} ({self.zone})"

    def last(self, now: datetime) -> Due:
        """The latest time that is not after `now`."""
        today = self._today(now)
        days = (today + timedelta(days=1 - back) for back in range(_FARTHEST + 2))
        return next(due for due in map(self._due, filter(self._fits, days)) if due.at <= now)

    def next(self, now: datetime) -> Due:
        """The first time after `now`."""
        today = self._today(now)
        days = (today + timedelta(days=ahead - 1) for ahead in range(_FARTHEST + 2))
        return next(due for due in map(self._due, filter(self._fits, days)) if due.at > now)

    def _today(self, now: datetime) -> date:
        return now.astimezone(ZoneInfo(self.zone)).date()

    def _fits(self, day: date) -> bool:
        if self.every == "week":
            return day.isoweekday() == self.on
        if self.every == "month":
            return day.day == min(self.on, monthrange(day.year, day.month)[1])
        return self.every == "day" or day.isoweekday() <= 5

    def _due(self, day: date) -> Due:
        return Due(day, datetime.combine(day, self.at, ZoneInfo(self.zone)).astimezone(UTC))
