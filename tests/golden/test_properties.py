"""What must hold of any conversations: nothing touches what is not its own, and no order of arrival matters."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.home import Home
from core.settings import Settings
from tests.golden.conftest import ORDER
from tests.golden.made_up import conversations
from tests.golden.rows import Row, rows_of
from tests.golden.story import Story, load
from tests.golden.workspace import Rows, rules
from tests.shared import seldom

# Topics are found in all conversations together, so they are nobody's own.
SHARED = ("topic", "topic_id", "next_contact_same_topic_at", "next_contact_same_topic_s")
Computed = dict[str, list[Row]]
Store = Callable[..., Rows]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Makes empty stores."""
    made: list[Rows] = []

    def make(settings: Settings | None = None) -> Rows:
        made.append(Rows(Home(tmp_path / f"store_{len(made)}"), settings))
        return made[-1]

    yield make
    for one in made:
        one.writer.close()


def computed(store: Rows, keep: Iterable[Story]) -> Computed:
    """The computed rows of some conversations, without what is shared."""
    keys = {(story.source, story.id) for story in keep}
    return {
        table: [
            {c: v for c, v in row.items() if c not in SHARED}
            for row in store.table(table)
            if (row["source_id"], row["conversation_id"]) in keys
        ]
        for table in ORDER
    }


def stories(seed: int) -> list[Story]:
    """Some written and some random ones; with all acknowledgements, which are known by their number."""
    written = list(load().values())
    acks = [story for story in written if story.source == "acks"]
    return [*acks, *random.Random(seed).sample(written, 40), *conversations(seed, 40)]


def unique(told: Iterable[Story]) -> list[Story]:
    return list({story.id: story for story in told}.values())


def differing(expected: Computed, found: Computed) -> dict[str, list[Any]]:
    """Rows that are in one of them only, by table."""
    return {
        table: [row for row in expected[table] if row not in found[table]]
        + [row for row in found[table] if row not in expected[table]]
        for table in ORDER
        if expected[table] != found[table]
    }


def all_at_once(store: Rows, told: Iterable[Story]) -> Rows:
    store.add(told)
    store.enrich()
    return store


@pytest.mark.parametrize("seed", seldom([1, 2], often=(1,)))
def test_an_unrelated_conversation_changes_nothing_else(store: Store, now: datetime, seed: int) -> None:
    told = unique(stories(seed))
    others = conversations(seed + 100, 15, prefix="unrelated")
    alone = computed(all_at_once(store(), told), told)
    assert len(alone["conversation_facts"]) == len(told)
    assert differing(alone, computed(all_at_once(store(), [*told, *others]), told)) == {}


@pytest.mark.parametrize("seed", seldom([1, 2, 3], often=(1,)))
def test_incremental_equals_full(store: Store, now: datetime, seed: int) -> None:
    """Every row may arrive in any of several refreshes: messages before their conversation, a follow-up before what it follows."""
    told, rng = unique(stories(seed)), random.Random(seed)
    full = computed(all_at_once(store(), told), told)
    parts = 4
    place: dict[int, int] = {}
    rows = rows_of(told)
    bit_by_bit = store()
    for part in range(parts):
        for table, all_rows in rows.items():
            first = table in ("teams", "people")
            mine = [
                row
                for row in all_rows
                if place.setdefault(id(row), 0 if first else rng.randrange(parts)) == part
            ]
            bit_by_bit.insert(table, mine)
        bit_by_bit.enrich()
    assert set(place.values()) == set(range(parts))
    assert differing(full, computed(bit_by_bit, told)) == {}


def in_utc() -> Settings:
    """Rules without a clock that changes, a date from which they hold, or a holiday."""
    calendars = [
        {"name": "office", "zone": "UTC", "hours": {"mon-fri": "09:00-17:00"}, "sources": ["desk", "slas"]},
    ]
    return rules(workspace={"reporting_zone": "UTC"}, calendars=calendars)


def moved(story: Story, by: timedelta) -> Story:
    events = tuple(replace(event, at=event.at + by) for event in story.events)
    return replace(story, created=story.created + by, events=events)


def moved_back(rows: Computed, by: timedelta) -> Computed:
    """Every instant earlier; `agent_hour` stands for an hour of its own and is left out."""
    return {
        table: [
            {c: v - by if isinstance(v, datetime) else v for c, v in row.items() if c != "agent_hour"}
            for row in found
        ]
        for table, found in rows.items()
    }


@pytest.mark.parametrize("weeks", seldom([1, 26], often=(1,)))
def test_whole_weeks_later_everything_is_whole_weeks_later(store: Store, now: datetime, weeks: int) -> None:
    told = [story for story in unique(stories(weeks)) if story.created.month < 5]
    assert len(told) > 60
    by = timedelta(weeks=weeks)
    here = computed(all_at_once(store(in_utc()), told), told)
    there = computed(all_at_once(store(in_utc()), [moved(story, by) for story in told]), told)
    assert any(row["first_reply_business_s"] for row in here["conversation_facts"])
    assert differing(moved_back(here, timedelta()), moved_back(there, by)) == {}
