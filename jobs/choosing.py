"""Which sources a refresh reads, and what becomes of those that it does not."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core import clock
from core.effective import SAMPLE_SOURCE, is_generated, is_sample
from core.errors import ConfigError
from core.home import Home
from core.settings import Settings, Source
from core.timer import rests_until
from jobs.report import SourceReport
from store.runs import GOOD, Run
from store.writer import Writer

logger = logging.getLogger(__name__)
_READ = ("ok", "partial", "failed")  # one that was killed or stopped goes on at once


@dataclass(frozen=True, slots=True)
class Asked:
    """What a refresh was asked for: by name or (None) every source, by whom, and when (UTC); it may have waited since."""

    names: Sequence[str] | None
    trigger: str
    at: datetime

    @property
    def is_by_hand(self) -> bool:
        """Whether somebody named the sources: they know what they want, and a rule about resting does not hold."""
        return self.names is not None and self.trigger == "manual"


def chosen(
    home: Home,
    settings: Settings,
    writer: Writer,
    runs: Mapping[str, Sequence[Run]],
    asked: Asked,
) -> tuple[list[Source], list[SourceReport]]:
    """What is to be read, the most urgent first, and a report for each source that is passed by.

    `runs` are the newest of each source. Raises ConfigError for an unknown name.
    """
    todo, passed = [], []
    for source in _named(settings, asked.names):
        note = _why_not(home, source, writer, runs.get(source.name, ()), asked)
        if note:
            passed.append(SourceReport(source.name, source.kind, "skipped", note=note))
        else:
            todo.append(source)
    return sorted(todo, key=lambda source: -source.priority), passed


def left_behind(home: Home, settings: Settings, writer: Writer, forget: Sequence[str]) -> list[str]:
    """Sources with data that the settings no longer name. Raises ConfigError for a wrong `forget`."""
    tables = ("conversations", "people", "organizations", "denominators")  # a source may deliver people alone
    each = (f"SELECT source_id FROM {table} WHERE NOT is_deleted" for table in tables)
    stored = writer.query(f"{' UNION '.join(each)} ORDER BY 1")
    configured = {source.name for source in settings.sources}
    if is_generated(home):
        configured.add(SAMPLE_SOURCE)  # it steps aside by itself
    left = [name for name in stored.column("source_id").to_pylist() if name not in configured]
    if wrong := [name for name in forget if name not in left]:
        raise ConfigError(
            f"{', '.join(wrong)} cannot be forgotten: it is still configured, or has no data.",
            hint="Only sources that were taken out of the settings can be forgotten.",
        )
    return left


def sample_is_over(home: Home, settings: Settings, writer: Writer) -> bool:
    """Whether rows of the generated sample are to go: there is data of your own beside it.

    A source of your own may be called like the sample; its rows stay.
    """
    own = [source.name for source in settings.sources if not is_sample(home, source)]
    if not own or SAMPLE_SOURCE in own or not is_generated(home):
        return False
    return not writer.is_empty(besides=SAMPLE_SOURCE) and not writer.is_empty(only=SAMPLE_SOURCE)


def settled(
    writer: Writer, left: Sequence[str], forget: Sequence[str], *, keep_days: int
) -> list[SourceReport]:
    """Forget what was asked for. The rest is kept and said: a wrong --settings must not empty the warehouse.

    `keep_days` is the rule for all, under which what is left grows old (0: never).
    """
    told, so_long = [], f" for {keep_days:,} days" if keep_days else ""
    for name in left:
        if name in forget:
            note = f"forgotten: {writer.retire(name).counts.deleted:,} rows were taken out"
        else:
            note = f"not in the settings any more, its data is kept{so_long}; `refresh --forget {name}` takes it out"
            logger.warning("a source is not configured any more, its data is kept", extra={"source": name})
        told.append(SourceReport(name, "", "skipped", note=note))
    return told


def _named(settings: Settings, names: Sequence[str] | None) -> list[Source]:
    known = {source.name: source for source in settings.sources}
    unknown = [name for name in names or () if name not in known]
    if unknown:
        raise ConfigError(
            f"there is no source called {', '.join(unknown)}.",
            hint=f"Configured: {', '.join(known) or 'none'}.",
        )
    return [source for source in settings.sources if names is None or source.name in names]


def _why_not(home: Home, source: Source, writer: Writer, runs: Sequence[Run], asked: Asked) -> str:
    """Why a source is not read now; empty when it is."""
    if not source.enabled:
        return "paused: it is not read, its data stays"
    if is_sample(home, source) and not writer.is_empty(besides=SAMPLE_SOURCE):
        return "the sample steps aside: there is data of your own"
    newest = next((run for run in runs if run.status in _READ), None)
    if asked.is_by_hand or newest is None:
        return ""
    last = newest.started_at
    if asked.trigger == "schedule" and _is_since(newest, asked.at):
        return f"read at {last:%H:%M} UTC, while this refresh waited"
    until = rests_until(source, last)
    return _rest(source, last, until) if last <= clock.now() < until else ""


def _is_since(run: Run, moment: datetime) -> bool:
    """Whether a reading ended well after that moment: a refresh that waited for it need not do it again.

    One that ended later than now is of before the clock was set back.
    """
    return run.status in GOOD and run.finished_at is not None and moment < run.finished_at <= clock.now()


def _rest(source: Source, last: datetime, until: datetime) -> str:
    return (
        f"read at {last:%H:%M} UTC, and left alone until {until:%H:%M} (min_interval); "
        f"`refresh --source {source.name}` reads it now"
    )
