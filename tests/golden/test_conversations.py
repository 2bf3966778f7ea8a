"""Every story against what was computed from it: see README.md for the stories as a table."""

from __future__ import annotations

from typing import Any

import pytest

from tests.golden.conftest import Computed
from tests.golden.story import AGENTS, TABLES, load, seconds
from tests.golden.table import README, text

STORIES = load()
WAYS = ("by_files", "by_rows")


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    """How the stories reached the store."""
    return str(request.param)


@pytest.fixture
def computed(way: str, request: pytest.FixtureRequest) -> Computed:
    found = request.getfixturevalue(way)
    assert isinstance(found, Computed)
    return found


def differing(expected: dict[str, Any], found: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Columns that differ: (expected, found)."""
    return {c: (v, found[c]) for c, v in expected.items() if found[c] != v}


@pytest.mark.parametrize("name", [n for n, s in STORIES.items() if s.facts])
def test_facts(computed: Computed, name: str) -> None:
    story = STORIES[name]
    rows = computed.of_story("conversation_facts", story)
    assert len(rows) == 1, "one row of facts a conversation"
    assert differing(story.expected(), rows[0]) == {}, story.why


def _of_metric(
    table: str, rows: list[dict[str, Any]], expected: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Of targets only the metrics that a story speaks of; of other tables all rows."""
    told = {row["sla_metric"] for row in expected if "sla_metric" in row}
    return [row for row in rows if row["sla_metric"] in told] if table == "sla_instances" and told else rows


@pytest.mark.parametrize(("name", "table"), [(n, t) for n, s in STORIES.items() for t in s.tables])
def test_rows(computed: Computed, name: str, table: str) -> None:
    story = STORIES[name]
    expected = story.expected_rows(table)
    found = _of_metric(table, computed.of_story(table, story), expected)
    assert len(found) == len(expected), f"{story.why}: {found}"
    assert [differing(*pair) for pair in zip(expected, found, strict=True)] == [{}] * len(expected), story.why


def test_there_are_enough_stories() -> None:
    told = {story.why: story for story in STORIES.values()}
    assert len(told) >= 45
    assert {table for story in told.values() for table in story.tables} == set(TABLES)
    assert all(story.facts or story.tables for story in told.values())
    assert sum(len(story.facts) for story in told.values()) > 300
    assert {event.who for story in told.values() for event in story.events} >= set(AGENTS)


def test_the_table_shows_the_stories() -> None:
    """`python -m tests.golden.table` writes it."""
    assert README.read_text(encoding="utf-8") == text()


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("20", 1200),
        ("90s", 90),
        ("1d2h", 93600),
        ("-5m", -300),
        ("-3", -180),
        ("4h30m", 16200),
        ("90.5s", 90.5),
    ],
)
def test_times_of_a_story(told: str, expected: float) -> None:
    assert seconds(told) == expected


@pytest.mark.parametrize("told", ["", "1x", "h", "1h x"])
def test_what_is_no_time(told: str) -> None:
    with pytest.raises(ValueError, match="no time"):
        seconds(told)
