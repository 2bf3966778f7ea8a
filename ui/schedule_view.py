"""Settings → Schedule: when each source is read, when it was last, and when it is next."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import clock, numbers
from core.settings import Settings, Source
from core.timer import zone_of
from store.next_reading import next_reading
from store.runs import Run, RunLog
from ui import resources, tables
from ui.jobs_view import STATES
from ui.sources_view import local


def panel() -> None:
    """A row a source that the viewer knows."""
    settings, viewer = resources.settings(), resources.viewer()
    last = RunLog(resources.home()).of_sources(1)
    rows = [
        _row(settings, source, next(iter(last.get(source.name, ())), None))
        for source in settings.sources
        if viewer.knows(source.name)
    ]
    shown = st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm")
    tables.plain(
        rows, alt=f"When {len(rows)} sources are read", empty="No source is configured.", placeholder=numbers.MISSING,
        column_config={"Last run": shown, "Next run": shown},
    )  # fmt: skip
    st.caption(
        f"Set times are in {zone_of(settings)}. The timer is `jobs schedule`, or `make run` where the settings say so; a "
        "next run that has passed means that no timer runs, or that it waits for another refresh."
    )


def _row(settings: Settings, source: Source, last: Run | None) -> dict[str, Any]:
    started, state = (last.started_at, last.status) if last else (None, "not read yet")
    due = next_reading(settings, source, last, now=clock.now())
    return {
        "Source": source.name, "Read": _when(settings, source), "Last run": local(started),
        "Ended": STATES.get(state, state),
        "Took": numbers.duration(last.seconds) if last else numbers.MISSING,
        "Next run": local(due) if source.enabled else None, "Paused": "no" if source.enabled else "yes",
    }  # fmt: skip


def _when(settings: Settings, source: Source) -> str:
    """Its own times, else those of all sources."""
    cron = source.cron or ("" if source.every else settings.schedule.cron)
    every = source.every or settings.schedule.every
    told = f"at {cron}" if cron else f"every {every}" if every else "by hand"
    rest = f", at most once in {source.min_interval}" if source.min_interval else ""
    return (told if source.cron or source.every else f"{told}, like all") + rest
