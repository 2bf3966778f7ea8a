"""Set times, written as minute hour day month weekday: whether they can be read, and when the next one is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from apscheduler.triggers.cron import CronTrigger


def check_cron(text: str) -> None:
    """Raises ValueError for times that cannot be read."""
    try:
        _trigger(text, "UTC")
    except ValueError as error:
        raise ValueError(f'{text!r} is not "minute hour day month weekday": {error}') from None


def next_time(text: str, moment: datetime, zone: ZoneInfo) -> datetime | None:
    """The first of the times after a moment, in the moment's own zone; None when none comes."""
    # The trigger rounds up to the next full second, so a reading that began on time is not due again.
    found: datetime | None = _trigger(text, zone).get_next_fire_time(
        None, (moment + timedelta(seconds=1)).astimezone(zone)
    )
    return found.astimezone(moment.tzinfo) if found else None


def _trigger(text: str, zone: ZoneInfo | str) -> CronTrigger:
    from apscheduler.triggers.cron import CronTrigger

    return CronTrigger.from_crontab(text, zone)
