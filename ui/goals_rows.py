"""Calendars and SLA targets as rows of a sheet, one cell an option, and back again.

In a cell of several names a backslash takes the meaning from the sign behind it, as in the conditions of the filter bar.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from core.errors import ConfigError
from core.settings import Calendar, Sla

Row = Mapping[str, Any]
PRESET_NAME: Final = "4/8/24/72h"
CALENDAR_COLUMNS: Final = {
    "Name": "name", "Zone": "zone", "Hours": "hours", "From": "valid_from", "Holidays": "holidays", "Closed": "closed",
    "Sources": "sources", "Teams": "teams",
}  # fmt: skip
TARGET_COLUMNS: Final = {
    "Clock": "metric", "Target": "target", "Priority": "priority", "Calendar": "calendar", "Stands still in": "pause_in",
    "Sources": "sources", "Only for": "filter",
}  # fmt: skip
NOWHERE: Final = "none"  # a clock that never stands still, which is not the same as the usual
_LISTS = frozenset({"closed", "sources", "teams", "pause_in"})
_PAIRS: Final = {
    "hours": re.compile(r"([^\d]+?)\s+(\d.*)"),
    "filter": re.compile(r"((?:\\.|[^\\=])+)=(.+)", re.DOTALL),
}
_EXPECTED: Final = {
    "hours": "mon-fri 09:00-17:30; sat 10:00-14:00",
    "filter": "channel = email, chat; team = Billing",
}


def calendar_rows(calendars: Iterable[Calendar]) -> list[dict[str, str]]:
    """A row a table, every cell a text; what is not set is empty."""
    return [_row(one.model_dump(mode="json"), CALENDAR_COLUMNS) for one in calendars]


def target_rows(sla: Iterable[Sla]) -> list[dict[str, str]]:
    """A row a target; a preset stands in the cell of the target."""
    tables = (one.model_dump(mode="json") for one in sla)
    return [_row(table | {"target": table["target"] or table["preset"]}, TARGET_COLUMNS) for table in tables]


def calendar_tables(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """The tables that rows stand for; rows without a word are left out. Raises ConfigError for a cell."""
    return [table for row in rows if (table := _table(row, CALENDAR_COLUMNS))]


def target_tables(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """The same of targets."""
    found = [table for row in rows if (table := _table(row, TARGET_COLUMNS))]
    return [_with_preset(table) for table in found]


def _with_preset(table: dict[str, Any]) -> dict[str, Any]:
    if table.get("target") != PRESET_NAME:
        return table
    return {name: value for name, value in table.items() if name != "target"} | {"preset": PRESET_NAME}


def _row(table: Mapping[str, Any], columns: Mapping[str, str]) -> dict[str, str]:
    return {title: _cell(name, table[name]) for title, name in columns.items()}


def _cell(name: str, value: Any) -> str:
    if name == "pause_in" and value == []:
        return NOWHERE
    if not value:
        return ""
    if name == "hours":
        return "; ".join(f"{days} {hours}" for days, hours in value.items())
    if name == "filter":
        return "; ".join(f"{_escaped(key)} = {_joined(values)}" for key, values in value.items())
    return _joined(value) if name in _LISTS else str(value)


def _table(row: Row, columns: Mapping[str, str]) -> dict[str, Any]:
    cells = {name: _trimmed(str(row.get(title) or "")) for title, name in columns.items()}
    return {name: _value(name, text) for name, text in cells.items() if text}


def _value(name: str, text: str) -> Any:
    if name in _PAIRS:
        pairs = dict(_pair(name, part) for part in _split(text, ";"))
        return pairs if name == "hours" else {_plain(key): _parts(values) for key, values in pairs.items()}
    if name == "pause_in" and text == NOWHERE:
        return []
    return _parts(text) if name in _LISTS else text


def _pair(name: str, text: str) -> tuple[str, str]:
    found = _PAIRS[name].fullmatch(text)
    if found is None:
        raise ConfigError(f'"{text}" cannot be read.', hint=f'Write it like "{_EXPECTED[name]}".')
    return found[1], found[2]


def _parts(text: str) -> list[str]:
    return [_plain(part) for part in _split(text, ",")]


def _split(text: str, sign: str) -> list[str]:
    """The parts between signs that have no backslash before them, without empty ones; backslashes stay."""
    parts = re.findall(rf"(?:\\.|[^{sign}])+", text, re.DOTALL)
    return [trimmed for part in parts if (trimmed := _trimmed(part))]


def _trimmed(text: str) -> str:
    """Without the spaces around it; one behind a backslash stays."""
    begun = text.lstrip()
    bare = begun.rstrip()
    is_escaped = (len(bare) - len(bare.rstrip("\\"))) % 2
    return begun[: len(bare) + is_escaped]


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", _trimmed(text), flags=re.DOTALL)


def _joined(values: Iterable[str]) -> str:
    return ", ".join(map(_escaped, values))


def _escaped(text: str) -> str:
    """With a backslash before each sign that parts cells, and before spaces at its ends."""
    inside = range(len(text) - len(text.lstrip()), len(text.rstrip()))
    return "".join(f"\\{one}" if one in ",;=\\" or at not in inside else one for at, one in enumerate(text))
