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
    """Something that people said happened, from its first to its last day."""

    start: date
    end: date
    text: str
    tag: str


def concerning(notes: Sequence[Note], metric: str, filters: Filters) -> tuple[Told, ...]:
    """What people noted on charts of a metric with such filters, as events."""
    from store.workspace import Scope

    scope = Scope((metric,), filters.where)
    return tuple(Told(one.from_day, one.to_day, one.text, one.tag) for one in notes if one.concerns(scope))


def events_of(notes: Sequence[Note]) -> tuple[Told, ...]:
    """What people noted on charts, as events; notes about one slice concern only its charts and are left out."""
    return tuple(Told(one.from_day, one.to_day, one.text, one.tag) for one in notes if not one.only)


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
