"""One row a source: what the settings, the run log and the published generation say about it together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from core import clock
from core.effective import SAMPLE_SOURCE
from core.settings import Source, seconds_of, written_files
from core.written import read_toml
from ui import data, errors, refresh, resources

if TYPE_CHECKING:
    from store.runs import Run

LEVELS = {"ok": "✅", "warn": "⚠️", "fail": "❌", "never": "🕒", "reading": "🔄", "paused": "⏸"}
RUNS_LOOKED_AT = 50


@dataclass(frozen=True, slots=True)
class SourceView:
    """A source as the page shows it; instants are wall-clock time in the reporting zone."""

    name: str
    kind: str
    origin: str
    enabled: bool
    is_configured: bool
    level: str
    word: str
    reason: str
    last_ok: datetime | None = None
    next_attempt: datetime | None = None
    history_back_to: datetime | None = None
    conversations: int = 0
    messages: int = 0
    rejects: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    cannot: str = ""

    @property
    def health(self) -> str:
        """Icon and word: never the colour alone."""
        return f"{LEVELS.get(self.level, '⏸')} {self.word}"


def sources() -> list[SourceView]:
    """The configured sources, then those that left the settings and whose data is kept."""
    is_published = resources.generation() is not None
    brought = {row["source_id"]: row for row in data.source_rows()} if is_published else {}
    aside: dict[str, int] = {}
    for reason in data.rejects()[0] if is_published else ():
        aside[reason["source_id"]] = aside.get(reason["source_id"], 0) + int(reason["rows"])
    horizons = data.horizons() if is_published else {}
    runs, places = refresh.recent(RUNS_LOOKED_AT), _places()
    configured = list(resources.settings().sources)
    views = [
        _view(
            s, places.get(s.name), brought.get(s.name, {}), runs, horizons.get(s.name), aside.get(s.name, 0)
        )
        for s in configured
    ]
    known = {source.name for source in configured} | {SAMPLE_SOURCE}  # the sample steps aside by itself
    left = [row for name, row in sorted(brought.items()) if name not in known]
    return views + [_left(row, aside.get(row["source_id"], 0)) for row in left if row["conversations"]]


def _view(
    source: Source, place: str | None, row: Mapping[str, Any], runs: list[Run],
    history_back_to: datetime | None, rejects: int,
) -> SourceView:  # fmt: skip
    from store.health import source_health

    own = [part for run in runs for part in run.sources if part.source_id == source.name]
    every = _promised(source)
    health = source_health(
        own, now=clock.now(), enabled=source.enabled, every=every, history_back_to=history_back_to,
        next_due=own[0].started_at + every if own and every else None,
    )  # fmt: skip
    origin = place or ("sample" if source.name == SAMPLE_SOURCE else "settings")
    level = "paused" if not source.enabled else "reading" if health.reading else health.level
    return SourceView(
        source.name, source.kind, origin, source.enabled, True, level, health.word, errors.sentence(health.reason),
        local(health.last_success_at), local(health.next_attempt_at), local(health.history_back_to),
        **_brought(row), rejects=rejects,
    )  # fmt: skip


def _promised(source: Source) -> timedelta | None:
    """How often the source is to be read: what it says itself, or the timer that runs beside the dashboard."""
    timer = resources.settings().schedule
    every = source.every or (timer.every if timer.with_dashboard and not timer.cron else None)
    return timedelta(seconds=seconds_of(every)) if every and not source.cron else None


def _left(row: Mapping[str, Any], rejects: int) -> SourceView:
    reason = f"Its data is kept: `jobs refresh --forget {row['source_id']}` takes it out."
    return SourceView(
        row["source_id"], row["kind"] or "", "nowhere", False, False, "gone", "not configured", reason,
        **_brought(row), rejects=rejects,
    )  # fmt: skip


def _brought(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "conversations": int(row.get("conversations") or 0), "messages": int(row.get("messages") or 0),
        "first_at": row.get("first_at"), "last_at": row.get("last_at"), "cannot": row.get("cannot") or "",
    }  # fmt: skip


def _places() -> dict[str, str]:
    """Which sources the program itself has written down, and where."""
    added, uploaded = written_files(resources.home())
    return {
        str(table.get("name")): place
        for file, place in ((added, "added"), (uploaded, "uploaded"))
        for table in read_toml(file).get("sources", [])
    }


def local(moment: datetime | None) -> datetime | None:
    """Wall-clock time in the reporting zone, as tables sort and show it."""
    return moment.astimezone(resources.settings().workspace.zone).replace(tzinfo=None) if moment else None
