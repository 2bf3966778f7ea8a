"""Retention: conversations older than their source's rule leave everything the program keeps, at every refresh.

They leave the work file in one transaction, after a note that says what else is to be done: the work file is written anew
before it is published, and after the index was brought up their texts leave the free room of the search index, their
vectors go, and so does what people created about them. The note is deleted last: a refresh that was killed in between is
finished by the next one. Older generations still hold them until they are pruned.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, time, timedelta
from pathlib import Path

from core import clock
from core.errors import NothingPublished, RetentionHeld, StoreError
from core.home import Home
from core.settings import Settings
from core.written import replace_file
from store import erase, generations, retention
from store.connection import connect
from store.marks import Marks
from store.retention import Due
from store.runs import RunLog
from store.workspace import Workspace, erased
from store.writer import Writer

logger = logging.getLogger(__name__)


def kept_since(
    settings: Settings, left: Collection[str] = (), *, now: datetime | None = None
) -> dict[str, datetime]:
    """When what is kept of each source with a rule begins (UTC): so many days before today, in the reporting zone.

    `left` names sources with data that the settings may no longer name: for them the rule for all holds.
    """
    zone = settings.workspace.zone
    today = (now or clock.now()).astimezone(zone).date()
    rules = dict.fromkeys(left, settings.retention.keep_days)
    for source in settings.sources:
        rules[source.name] = settings.retention.keep_days if source.keep_days is None else source.keep_days
    return {
        name: datetime.combine(today - timedelta(days=days), time(), zone).astimezone(clock.now().tzinfo)
        for name, days in rules.items()
        if days
    }


def has_rule(settings: Settings) -> bool:
    """Whether anything is kept for some days only."""
    return any((settings.retention.keep_days, *(source.keep_days for source in settings.sources)))


def look(home: Home, settings: Settings) -> tuple[list[Due], RetentionHeld | None]:
    """What of the published is too old, and why the next refresh would leave it; nothing is changed.

    Raises NothingPublished.
    """
    published = generations.current_or_none(home)
    if published is None:
        raise NothingPublished("there is no data yet.", hint="Run a refresh first.")
    with connect(published.path, home, read_only=True) as con:
        due = retention.look(con, kept_since(settings, retention.sources_with_conversations(con)))
        is_any = any(one.conversations for one in due)
        return due, retention.held(con, RunLog(home)) if is_any else None


def due(writer: Writer, settings: Settings, *, leaving: Collection[str] = ()) -> list[Due]:
    """What of the work file is too old, to be taken out by `take_out`. Sources that are `leaving` go whole anyway."""
    left = [name for name in retention.sources_with_conversations(writer.con) if name not in leaving]
    return [one for one in retention.look(writer.con, kept_since(settings, left)) if one.conversations]


def take_out(writer: Writer, due: Sequence[Due]) -> Mapping[str, int]:
    """Take out what is due; gives how many conversations of which source."""
    removed = {one.source: one.conversations for one in due}
    if removed:
        keys = {*noted(writer.home), *retention.due_keys(writer.con)}
        replace_file(_note(writer.home), retention.note_text(sorted(keys)), mode=0o600)
        with writer.transaction():
            retention.remove(writer.con, due, run_id=writer.run_id, now=clock.now())
        logger.info("retention", extra={"removed": removed})
    return removed


def noted(home: Home) -> list[tuple[str, str]]:
    """Conversations that were taken out and of which something else is still to go."""
    note = _note(home)
    return retention.noted(note.read_text(encoding="utf-8")) if note.is_file() else []


def is_unfinished(home: Home) -> bool:
    """Whether something was taken out and is not gone from everywhere."""
    return _note(home).is_file()


def rewrite(home: Home) -> None:
    """Write the closed work file anew where something was taken out: a published copy has nothing in its free room."""
    if is_unfinished(home):
        erase.rewrite(home)


def finish(home: Home) -> None:
    """Everything besides the warehouse, once the index was brought up. Raises StoreError; the next refresh goes on."""
    from rag.keywords import shred
    from store.vectors import keep_published

    with connect(generations.current(home).path, home, read_only=True) as con:
        alive = set(con.execute("SELECT source_id, conversation_id FROM conversations").fetchall())
    keys = [
        key for key in noted(home) if key not in alive
    ]  # one that was broken off may have come to life since
    keep_published(home)
    shred(home)
    erased.forget(home, erased.Gone(frozenset(keys), frozenset(), Marks()))
    try:
        erased.shred(home)
    except StoreError as told:  # somebody reads: the note stays, and the next refresh tries again
        logger.warning("what retention removed is not out of the workspace's own files yet: %s", told)
        return
    Workspace(home).audit("removed", viewer="retention", detail=_counted(keys))
    _note(home).unlink()


def _counted(keys: list[tuple[str, str]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for source, _ in keys:
        counts[source] = counts.get(source, 0) + 1
    return counts


def _note(home: Home) -> Path:
    return home.warehouse / "retention.json"
