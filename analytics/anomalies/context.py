"""What else was so on the days of an incident: holidays, and what people noted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from analytics.anomalies.incidents import Incident
from core.filters import Filters, Period
from core.settings import Settings

if TYPE_CHECKING:
    from store.workspace import Note


@dataclass(frozen=True, slots=True)
class Told:
    """Something that people said happened or will, from its first to its last day; `noted` is the day it was said.

    `metric` and `only` limit it as they do the note that it was.
    """

    start: date
    end: date
    text: str
    tag: str
    noted: date | None = None
    metric: str | None = None
    only: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def known_by(self, day: date) -> bool:
        """Whether it was known when a day began: it had begun, or somebody had noted what was ahead."""
        return self.start < day or (self.noted is not None and self.noted < day)


def concerning(notes: Sequence[Note], metric: str, filters: Filters) -> tuple[Told, ...]:
    """What people noted on charts of a metric with such filters, as events."""
    from store.workspace import Scope

    scope = Scope.of((metric,), filters)
    return tuple(_told(one) for one in notes if one.concerns(scope))


def events_of(notes: Sequence[Note]) -> tuple[Told, ...]:
    """What people noted on charts, as events, each with what it is limited to; `about` gives those of one chart."""
    return tuple(_told(one) for one in notes)


def about(events: Sequence[Told], metric: str, filters: Filters) -> tuple[Told, ...]:
    """Those of the events that concern a metric with such filters."""
    from store.workspace import Scope

    scope = Scope.of((metric,), filters)
    return tuple(one for one in events if scope.has(one.metric, one.only))


def _told(note: Note) -> Told:
    return Told(
        note.from_day, note.to_day, note.text, note.tag, note.created_at.date(), note.metric, note.only
    )


def holidays_of(settings: Settings, period: Period) -> Mapping[date, str]:
    """Public holidays and closed days of the calendars in the settings, by day."""
    from enrich.calendar_definitions import public_holidays

    years = range(period.start.year, period.end.year + 1)
    found: dict[date, str] = {}
    for calendar in settings.calendars:
        for day in public_holidays(calendar.holidays, years):
            found[day] = f"holiday of calendar {calendar.name}"
        for day in calendar.closed:
            found[day] = f"closed by calendar {calendar.name}"
    return found


def context_of(incident: Incident, holidays: Mapping[date, str], events: Sequence[Told]) -> tuple[str, ...]:
    """Sentences: a holiday on the peak, and events whose days touch the incident's."""
    said = []
    if incident.peak in holidays:
        said.append(f"{incident.peak:%-d %b} is a {holidays[incident.peak]}.")
    for event in events:
        if event.start <= incident.end and event.end >= incident.start:
            said.append(f"Noted for {event.start:%-d %b}: {event.text} ({event.tag}).")
    return tuple(said)
