"""The only reader of the time."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NOW_VARIABLE = "SUPPORTLENS_NOW"


def now() -> datetime:
    """The present instant in UTC; `SUPPORTLENS_NOW` (ISO time) fixes it for tests and replays."""
    fixed = os.environ.get(NOW_VARIABLE)
    if fixed:
        moment = datetime.fromisoformat(fixed)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return wall()


def wall() -> datetime:
    """The instant by the machine's own clock, for what a fixed one may not stretch: a session, a signature."""
    return datetime.now(UTC)  # noqa: TID251 - this is the one door


def today(zone: str = "UTC") -> date:
    """Today's date in an IANA zone."""
    return now().astimezone(ZoneInfo(zone)).date()
