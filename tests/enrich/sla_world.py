"""Conversations with targets, each in a source of its own, so that one enrichment does for all of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.home import Home
from core.settings import Settings
from tests.enrich.world import START, World, at

Goal = dict[str, Any]
OFFICE = {"name": "office", "zone": "UTC", "hours": {"mon-fri": "09:00-17:00"}}
ROWS = (
    "SELECT *, epoch_us(started_at) AS started_us FROM sla_instances WHERE source_id = ? AND conversation_id = ? "
    "ORDER BY sla_metric, instance_no"
)


@dataclass(frozen=True)
class Talk:
    """A conversation: messages (minute, role[, text[, columns]]), changes (minute, field, before, after)."""

    messages: Sequence[tuple[Any, ...]] = ()
    changes: Sequence[tuple[float, str, str | None, str | None]] = ()
    columns: Mapping[str, Any] = field(default_factory=dict)


class SlaWorld(World):
    """A world that adds talks and reads instances in minutes since the start."""

    def __init__(self, home: Home, zone: str = "UTC") -> None:
        super().__init__(home, zone)
        self.goals: list[Goal] = []

    def talk(self, source: str, talk: Talk, key: str = "c") -> None:
        """One conversation of a source."""
        messages = [
            (minute, role, (more and more[0]) or self._words(), *more[1:])
            for minute, role, *more in talk.messages
        ]
        self.conversation(key, *messages, source_id=source, **talk.columns)
        self.change(source, *talk.changes, key=key)

    def _words(self) -> str:
        """A text like no other."""
        self._serial += 1
        return f"request about item {self._serial}"

    def change(
        self, source: str, *changes: tuple[float, str, str | None, str | None], key: str = "c"
    ) -> None:
        """Events in the order of time. A field `status by bot` is a status that a bot set."""
        made = []
        for minute, name, before, after in sorted(changes, key=lambda change: change[0]):
            self._serial += 1
            made.append(
                {"source_id": source, "conversation_id": key, "event_id": f"e{self._serial:06d}",
                 "seq": self._serial, "occurred_at": at(minute), "field": name.split(" by ")[0],
                 "old_value": before, "new_value": after, "actor_id": "x1",
                 "actor_role": name.split(" by ")[1] if " by " in name else "agent"}
            )  # fmt: skip
        if made:
            self.rows("conversation_events", *made)
        self.dirty(key, source)

    def agents(self, source: str) -> None:
        """A conversation that shows that the source knows who is an agent."""
        self.conversation(
            "known", (0, "customer", self._words()), (1, "agent", self._words()), source_id=source
        )

    def with_goals(self, *goals: Goal, calendars: Sequence[Mapping[str, Any]] = (OFFICE,)) -> None:
        """Use these targets of the settings."""
        self.settings = Settings(
            workspace=self.settings.workspace.model_dump(), sla=list(goals), calendars=list(calendars)
        )

    def instances(self, source: str, key: str = "c") -> list[dict[str, Any]]:
        """The rows of one conversation."""
        return list(self.writer.query(ROWS, [source, key]).to_pylist())

    def reason(self, source: str) -> str:
        """What is said about the targets of a source."""
        rows = self.writer.query(
            "SELECT reason FROM capabilities WHERE capability = 'sla_policies' AND source_id = ?", [source]
        )
        return str(rows["reason"][0].as_py())


def minutes(moment: datetime | None) -> float | None:
    """Minutes since the start."""
    return None if moment is None else (moment - START).total_seconds() / 60


def state(row: Mapping[str, Any], now: datetime) -> str:
    """As it is read: see docs/sla.md."""
    if row["cancelled_because"]:
        return "cancelled"
    if row["breached_at"] is not None:
        return "breached"
    if row["ended_at"] is not None:
        return "met"
    return "breached" if row["due_at"] is not None and row["due_at"] < now else "running"


def told(row: Mapping[str, Any], now: datetime) -> tuple[Any, ...]:
    """(metric, started, due, ended, breached, state) in minutes."""
    moments = (minutes(row[name]) for name in ("started_at", "due_at", "ended_at", "breached_at"))
    return (row["sla_metric"], *moments, state(row, now))


NOW = START + timedelta(days=1)


ASKED = [(0, "customer"), (90, "agent")]


def policy(
    world: SlaWorld, key: str, *, metric: str = "first_reply", seconds: int = 3600, **columns: Any
) -> None:
    """A row of sla_policies of the source `s`."""
    if isinstance(columns.get("filter"), dict):
        columns["filter"] = json.dumps(columns["filter"])
    world.rows(
        "sla_policies", {"policy_id": key, "name": key, "metric": metric, "target_seconds": seconds} | columns
    )


def names(world: SlaWorld, key: str = "c") -> list[str]:
    return [row["policy"] for row in world.instances("s", key)]


@pytest.fixture
def world(home: Home, monkeypatch: pytest.MonkeyPatch) -> SlaWorld:
    """A warehouse a day after everything began, without targets."""
    monkeypatch.setenv("SUPPORTLENS_NOW", NOW.isoformat())
    made = SlaWorld(home)
    made.with_goals()
    return made


@contextmanager
def together(root: Path, *asks: Callable[[SlaWorld], Sequence[Goal] | None]) -> Iterator[SlaWorld]:
    """Every case of tests that ask one thing many times, in a source of its own, enriched together."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SUPPORTLENS_NOW", NOW.isoformat())
        made = SlaWorld(Home(root))
        made.with_goals(*(goal for ask in asks for goal in ask(made) or ()))
        made.enrich()
        yield made
        made.writer.close()
