"""When the timer reads a source next: its own `every` or `cron`, or what [schedule] says for all."""

from __future__ import annotations

import hashlib
import platform
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from core.cron import next_time
from core.schedule import seconds_of
from core.settings import Settings, Source

AHEAD = timedelta(minutes=1)  # clocks of two machines differ by less; more means that one was set back


def every_of(settings: Settings, source: Source) -> timedelta | None:
    """The interval at which a source is read; None when it has set times, or no timer at all."""
    if source.cron or (settings.schedule.cron and not source.every):
        return None
    return _span(source.every or settings.schedule.every)


def next_due(
    settings: Settings,
    source: Source,
    *,
    now: datetime,
    last_started_at: datetime | None,
    retry_at: datetime | None = None,
) -> datetime | None:
    """The instant (UTC) of the next reading; in the past when it is late, None when there is no timer.

    A source that was never read is due now, and so is one that was read in the future: the clock was set back, and
    nobody knows how long ago that was. `retry_at` is when a failed reading is tried again.
    """
    if last_started_at is None or last_started_at > now + AHEAD:
        return now
    due = _after(settings, source, last_started_at)
    if due is not None:
        due += _jitter(settings, source, due)
    known = [moment for moment in (due, retry_at) if moment is not None]
    return max(min(known), rests_until(source, last_started_at)) if known else None


def rests_until(source: Source, last_started_at: datetime) -> datetime:
    """Until when a source is left alone after a reading that began then."""
    return last_started_at + (_span(source.min_interval) or timedelta())


def zone_of(settings: Settings) -> ZoneInfo:
    """The zone of cron times."""
    return ZoneInfo(settings.schedule.zone or settings.workspace.reporting_zone)


def _span(text: str | None) -> timedelta | None:
    return timedelta(seconds=seconds_of(text)) if text else None


def _jitter(settings: Settings, source: Source, due: datetime) -> timedelta:
    """How much later than `due` it begins: the same at every look, another for each source, time and machine."""
    longest = _span(settings.schedule.jitter) or timedelta()
    told = f"{platform.node()} {source.name} {due.isoformat()}".encode()
    return longest * (int.from_bytes(hashlib.sha256(told).digest()[:4]) / 2**32)


def _after(settings: Settings, source: Source, moment: datetime) -> datetime | None:
    every = every_of(settings, source)
    if every is not None:
        return moment + every
    text = source.cron or settings.schedule.cron
    return next_time(text, moment, zone_of(settings)) if text else None
