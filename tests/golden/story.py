"""Hand-made conversations as text, and what they become: canonical rows and expected values.

A story is a table of a TOML file in `stories/`. Its events are lines `when who what`, `when` counted from the
story's `created`; its expected values are worked out by hand from the definitions, with the arithmetic beside.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

STORIES = Path(__file__).parent / "stories"
AGENTS = {"ann": "Ann", "ben": "Ben", "cat": "Cat", "eve": "Eve"}
TEAMS = {"support": "Support", "billing": "Billing", "night": "Night", "watch": "Watch"}
TABLES = ("open_spans", "replies", "solves", "sla_instances")
_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_PART = re.compile(r"(\d+(?:\.\d+)?)([dhms])")
_LINE = re.compile(r"(?P<when>\S+)\s+(?P<who>\S+)\s+(?P<what>\S+)(?:\s+(?P<text>.*))?$")


def seconds(text: str) -> float:
    """`1d2h`, `90s`, `-5m`; a bare number is minutes."""
    sign, rest = (-1, text[1:]) if text.startswith("-") else (1, text)
    if rest.replace(".", "", 1).isdigit():
        return sign * float(rest) * 60
    parts = _PART.findall(rest)
    if not parts or "".join(n + u for n, u in parts) != rest:
        raise ValueError(f"{text!r} is no time such as 90s, 20m, 1d2h")
    return sign * sum(float(n) * _UNITS[u] for n, u in parts)


@dataclass(frozen=True)
class Event:
    """One line of a story. `role` is that of who acts; `what` says, notes, status, team, …."""

    at: datetime
    who: str
    role: str
    what: str
    text: str


@dataclass(frozen=True)
class Story:
    """One conversation: what happened, and what must be computed from it."""

    id: str
    why: str
    file: str
    created: datetime
    events: tuple[Event, ...]
    source: str = "desk"
    channel: str = "email"
    priority: str = "normal"
    team: str | None = "support"
    agent: str | None = "ann"
    requester: str | None = None
    ordered: bool = True  # whether the source tells the order of events
    row: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def moment(self, text: str) -> datetime:
        """The instant that a time of this story means."""
        return self.created + timedelta(seconds=seconds(text))

    def value(self, column: str, text: Any) -> Any:
        """An expected value: instants of columns `_at`, seconds of columns `_s`, `null` for none."""
        if text == "null":
            return None
        if column.endswith("_at"):
            return self.moment(text)
        if column.endswith("_local"):
            return datetime.fromisoformat(text)
        return int(seconds(text)) if column.endswith("_s") else text

    def expected(self) -> dict[str, Any]:
        """Expected facts, column by column."""
        return {column: self.value(column, text) for column, text in self.facts.items()}

    def expected_rows(self, table: str) -> list[dict[str, Any]]:
        """Expected rows of one of TABLES, in order."""
        return [{c: self.value(c, v) for c, v in row.items()} for row in self.tables[table]]


def role_of(who: str) -> tuple[str, str]:
    """The author's name and role; `eve:customer` says the role itself, `someone` has none, `-` is nobody."""
    name, _, told = who.partition(":")
    known = {"bot": "bot", "system": "system", "someone": "unknown", "-": ""}
    return name, told or known.get(name) or ("agent" if name in AGENTS else "" if name == "-" else "customer")


def _event(line: str, created: datetime, requester: str | None) -> Event:
    found = _LINE.match(line.strip())
    if not found:
        raise ValueError(f"{line!r} is not `when who what`")
    who, role = role_of(found["who"])
    if who == "customer":
        who = requester or "-"  # a customer whom the source does not name
    at = created + timedelta(seconds=seconds(found["when"]))
    return Event(at, who, role, found["what"], (found["text"] or "").strip())


def _story(name: str, table: dict[str, Any], file: str) -> Story:
    table = dict(table)
    created = datetime.fromisoformat(table.pop("created")).replace(tzinfo=UTC)
    requester = table.pop("requester", f"{name}_customer")
    requester = None if requester == "null" else requester
    for holder in ("team", "agent"):
        if table.get(holder) == "null":
            table[holder] = None
    lines = [line for line in table.pop("events").splitlines() if line.strip()]
    return Story(
        id=name,
        file=file,
        created=created,
        requester=requester,
        events=tuple(_event(line, created, requester) for line in lines),
        facts=table.pop("facts", {}),
        tables={t: table.pop(t) for t in TABLES if t in table},
        **table,
    )


def _copies(name: str, table: dict[str, Any], file: str) -> list[Story]:
    """A story with `copies = n` stands for n conversations that differ in their id only."""
    table = dict(table)
    copies = table.pop("copies", 1)
    names = [name] if copies == 1 else [f"{name}_{n:02}" for n in range(1, copies + 1)]
    return [_story(one, table, file) for one in names]


def load() -> dict[str, Story]:
    """All stories by id."""
    made: dict[str, Story] = {}
    for path in sorted(STORIES.glob("*.toml")):
        for name, table in tomllib.loads(path.read_text(encoding="utf-8")).items():
            for story in _copies(name, table, path.stem):
                if story.id in made:
                    raise ValueError(f"two stories are called {story.id}")
                made[story.id] = story
    return made
