"""What the bar says, to be kept with a card; and a bar's words without the bar."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from core import conditions
from core.filters import Filters
from ui import data, state
from ui.filters import choices
from ui.filters.choices import View

LISTS = ("dates", "include")


def kept() -> dict[str, Any]:
    """What the bar says now, as JSON has it: quick periods stay relative to the day they are read on."""
    said = {name: state.value(name) for name in choices.parameters() if name != "click"}
    said["dates"] = [day.isoformat() for day in said.get("dates") or ()]
    return {name: value for name, value in said.items() if value}


def view_from(said: Mapping[str, Any]) -> View:
    """The view that a kept bar stands for today. Raises QuestionError for conditions that cannot be read."""
    lists = {*choices.offered(), *LISTS}
    known: dict[str, Any] = {}
    for name, value in said.items():
        if name in lists and isinstance(value, list):
            known[name] = [str(one) for one in value]
        elif name not in lists and isinstance(value, str):
            known[name] = value
    known["dates"] = _days(known.get("dates", []))
    for name, usual in (("grain", choices.GRAINS), ("compare", choices.COMPARES)):
        if known.get(name) not in usual:
            known.pop(name, None)
    return choices.view_of(known.get, *data.span())


def put(chosen: Filters) -> None:
    """Let the bar of the next page say these filters and nothing else; only from a callback."""
    where = dict(chosen.where)
    for name in choices.offered():
        state.put(name, list(where.get(name, ())))
    state.put("include", list(chosen.include))
    state.put("hours", chosen.hours)
    state.put(choices.ANY, conditions.encode(chosen.groups))
    if chosen.period:
        state.put("period", "custom")
        state.put("dates", (chosen.period.start, chosen.period.end))


def _days(texts: list[str]) -> tuple[date, ...]:
    try:
        return tuple(date.fromisoformat(text) for text in texts)
    except ValueError:
        return ()
