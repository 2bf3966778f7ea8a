"""When the timer reads a source next: its own `every` or `cron`, or what [schedule] says for all."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from core.settings import Settings, Source, seconds_of


def every_of(settings: Settings, source: Source) -> timedelta | None:
    """The interval at which a source is read; None when it has set times, or no timer at all."""
    if source.cron or (settings.schedule.cron and not source.every):
        return None
    text = source.every or settings.schedule.every
    return timedelta(seconds=seconds_of(text)) if text else None


def next_due(
    settings: Settings,
    source: Source,
    *,
    now: datetime,
    last_started_at: datetime | None,
    retry_at: datetime | None = None,
) -> datetime | None:
    """The instant (UTC) of the next reading; in the past when it is late, None when there is no timer.

    A source that was never read is due now. `retry_at` is when a failed reading is tried again.
    """
    if last_started_at is None:
        return now
    due = _after(settings, source, last_started_at)
    known = [moment for moment in (due, retry_at) if moment is not None]
    return min(known) if known else None


def zone_of(settings: Settings) -> ZoneInfo:
    """The zone of cron times."""
    return ZoneInfo(settings.schedule.zone or settings.workspace.reporting_zone)


def _after(settings: Settings, source: Source, moment: datetime) -> datetime | None:
    every = every_of(settings, source)
    if every is not None:
        return moment + every
    text = source.cron or settings.schedule.cron
    return _after_cron(text, moment, zone_of(settings)) if text else None


def _after_cron(text: str, moment: datetime, zone: ZoneInfo) -> datetime | None:
    from apscheduler.triggers.cron import CronTrigger

    # The trigger rounds up to the next full second, so a reading that began on time is not due again.
    found: datetime | None = CronTrigger.from_crontab(text, zone).get_next_fire_time(
        None, (moment + timedelta(seconds=1)).astimezone(zone)
    )
    return found.astimezone(moment.tzinfo) if found else None
