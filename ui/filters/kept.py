"""What the bar says, to be kept with a card; and a bar's words without the bar."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from core import conditions
from core.conditions import Condition
from core.filters import Filters, Period
from ui import data, state
from ui.filters import choices
from ui.filters.choices import View
from ui.filters.clicks import Where

LISTS = ("dates", "include")


def kept() -> dict[str, Any]:
    """What the bar says now, as JSON has it: quick periods stay relative to the day they are read on."""
    said = {name: state.value(name) for name in choices.parameters() if name != "click"}
    said["dates"] = [day.isoformat() for day in said.get("dates") or ()]
    return {name: value for name, value in said.items() if value}


def view_from(said: Mapping[str, Any]) -> View:
    """The view that a kept bar stands for today. Raises QuestionError for conditions that cannot be read."""
    lists = {*choices.readable(), *LISTS}
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


def address(chosen: Filters) -> dict[str, str | list[str]]:
    """The parameters under which the bar of another page says these filters, and nothing else."""
    told: dict[str, str | list[str]] = {name: list(values) for name, values in chosen.where}
    if chosen.include:
        told["include"] = list(chosen.include)
    if chosen.hours != "calendar":
        told["hours"] = chosen.hours
    if chosen.groups:
        told[choices.ANY] = conditions.encode(chosen.groups)
    if chosen.period:
        told["period"] = "custom"
        told["dates"] = [chosen.period.start.isoformat(), chosen.period.end.isoformat()]
    return told


def narrowed(chosen: Filters, where: Where, period: Period | None) -> Filters:
    """These filters with more of them, as a click adds them."""
    offered = choices.offered()
    for name, values in where:
        more = Condition.of(name, values)  # of what the bar has no list for
        chosen = chosen.narrowed(name, *values) if name in offered else chosen.also(more)
    return chosen.over(period) if period else chosen


def _days(texts: list[str]) -> tuple[date, ...]:
    try:
        return tuple(date.fromisoformat(text) for text in texts)
    except ValueError:
        return ()
