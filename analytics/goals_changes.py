"""What other calendars and SLA targets would change, told before they are saved."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.hours_file import Goals
from core.settings import Calendar, Sla
from enrich.calendar_definitions import of_settings
from enrich.stretches import seconds_between, stretches

WEEKS = 4
Told = tuple[object, str]  # what it is, and in words
NOTHING: Told = (None, "")
_PARTING = re.compile(r"[,;\"]|^\s|\s$")  # what would read as several values, or as none


@dataclass(frozen=True, slots=True)
class GoalChange:
    """One thing that would be otherwise; `before` or `after` is empty where it is not there."""

    what: str
    before: str
    after: str


def changes(before: Goals, after: Goals, at: datetime) -> list[GoalChange]:
    """Calendars, then targets; of a calendar also the hours that it is open in the four weeks from `at` on."""
    found = _differing(_by_name(before.calendars), _by_name(after.calendars))
    opened = _differing(_open_hours(before.calendars, at), _open_hours(after.calendars, at))
    targets = _differing(_by_target(before.sla), _by_target(after.sla))
    order = [] if targets else _order(before.sla, after.sla)
    return [*found, *opened, *targets, *order]


def _differing(before: Mapping[str, Told], after: Mapping[str, Told]) -> list[GoalChange]:
    """What is not the same in both, by what it is and not by how it is told."""
    names = dict.fromkeys([*before, *after])
    pairs = ((name, before.get(name, NOTHING), after.get(name, NOTHING)) for name in names)
    return [GoalChange(name, was[1], now[1]) for name, was, now in pairs if was[0] != now[0]]


def _by_name(calendars: Iterable[Calendar]) -> dict[str, Told]:
    return {
        _called(one): (one, _told(one.model_dump(mode="json"), but=("name", "valid_from")))
        for one in calendars
    }


def _called(one: Calendar) -> str:
    since = f" from {one.valid_from:%Y-%m-%d}" if one.valid_from else ""
    return f"Calendar {one.name}{since}"


def _open_hours(calendars: Iterable[Calendar], at: datetime) -> dict[str, Told]:
    until = at + timedelta(weeks=WEEKS)
    years = range(at.year, until.year + 1)
    opened = {
        one.title: f"{seconds_between(stretches(one.versions, at, until), at, until) / 3600:.4g} h"
        for one in of_settings(calendars, years)
    }
    return {
        f"Open hours of {title} in the next {WEEKS} weeks": (hours, hours) for title, hours in opened.items()
    }


def _by_target(sla: Iterable[Sla]) -> dict[str, Told]:
    """Targets by what they are for; several for the same stand together, in their order."""
    found: dict[str, list[Sla]] = {}
    for one in sla:
        found.setdefault(_for(one), []).append(one)
    return {name: (several, ", then ".join(map(_length, several))) for name, several in found.items()}


def _for(one: Sla) -> str:
    name = one.metric.replace("_", " ").capitalize()
    where = _told({"priority": one.priority, "sources": one.sources, "filter": one.filter})
    return f"{name} ({where})" if where else name


def _length(one: Sla) -> str:
    hours = f"in the hours of {one.calendar}" if one.calendar else "around the clock"
    still = "" if one.pause_in is None else f", standing still in {', '.join(one.pause_in) or 'no status'}"
    return f"{one.target or one.preset} {hours}{still}"


def _order(before: tuple[Sla, ...], after: tuple[Sla, ...]) -> list[GoalChange]:
    """The first of two targets that fit counts, so their order matters too."""
    was, now = ([_for(one) for one in sla] for sla in (before, after))
    return [GoalChange("Order of targets", ", ".join(was), ", ".join(now))] if was != now else []


def _told(table: Mapping[str, Any], but: tuple[str, ...] = ()) -> str:
    """What a table sets, in words."""
    return "; ".join(
        f"{name.replace('_', ' ')} {_value(value)}"
        for name, value in table.items()
        if value and name not in but
    )


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{_value(key)} {_value(one)}" for key, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_value, value))
    return json.dumps(value, ensure_ascii=False) if _PARTING.search(str(value)) else str(value)
