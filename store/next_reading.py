"""When a source is read next, by what the run log says of its last reading: for the timer, and for pages that show it."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.settings import Settings, Source
from core.timer import next_due
from store.runs import Run

RETRY_AFTER = timedelta(minutes=5)


def next_reading(settings: Settings, source: Source, last: Run | None, *, now: datetime) -> datetime | None:
    """The instant (UTC) of the next reading, as `next_due` gives it; `last` is the newest run of the source."""
    started, retry = (last.started_at, _retry_at(last)) if last else (None, None)
    return next_due(settings, source, now=now, last_started_at=started, retry_at=retry)


def _retry_at(run: Run) -> datetime | None:
    """When a reading that did not reach its end is tried again, before its next turn."""
    if run.status in ("failed", "partial"):
        return run.next_attempt_at
    # One that the timer itself took along when it was stopped is missed, as after a crash.
    is_cut_off = run.status == "interrupted" or (run.status == "cancelled" and run.trigger == "schedule")
    return run.started_at + RETRY_AFTER if is_cut_off else None
