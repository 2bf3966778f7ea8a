"""One row a source: what the settings, the run log and the published generation say about it together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from core.effective import SAMPLE_SOURCE, is_generated, is_sample
from core.settings import Source, written_files
from core.written import read_toml
from ui import data, errors, resources

if TYPE_CHECKING:
    from store.health import Health

LEVELS = {"ok": "✅", "warn": "⚠️", "fail": "❌", "never": "🕒", "reading": "🔄", "paused": "⏸"}


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
    from store.health import sources_health

    reader = resources.reader() if resources.generation() is not None else None
    brought = {row["source_id"]: row for row in data.source_rows()} if reader else {}
    aside: dict[str, int] = {}
    for reason in data.rejects()[0] if reader else ():
        aside[reason["source_id"]] = aside.get(reason["source_id"], 0) + int(reason["rows"])
    settings, places, viewer = resources.settings(), _places(), resources.viewer()
    health = sources_health(resources.home(), settings, reader=reader, viewer=viewer)
    views = [
        _view(s, places.get(s.name), brought.get(s.name, {}), health[s.name], aside.get(s.name, 0))
        for s in settings.sources
        if viewer.knows(s.name)
    ]
    known = {source.name for source in settings.sources}
    if is_generated(resources.home()):
        known.add(SAMPLE_SOURCE)  # it steps aside by itself
    left = [row for name, row in sorted(brought.items()) if name not in known]
    return views + [_left(row, aside.get(row["source_id"], 0)) for row in left if row["conversations"]]


def _view(
    source: Source, place: str | None, row: Mapping[str, Any], health: Health, rejects: int
) -> SourceView:
    origin = place or ("sample" if is_sample(resources.home(), source) else "settings")
    level = "paused" if not source.enabled else "reading" if health.reading else health.level
    return SourceView(
        source.name, source.kind, origin, source.enabled, True, level, health.word, errors.sentence(health.reason),
        local(health.last_success_at), local(health.next_attempt_at), local(health.history_back_to),
        **_brought(row), rejects=rejects,
    )  # fmt: skip


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
