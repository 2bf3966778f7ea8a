"""What the definitions say about facts among each other, over conversations made at random."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.home import Home
from tests.conftest import NOW
from tests.golden.conftest import Computed
from tests.golden.made_up import conversations
from tests.golden.reference import Told, next_contacts
from tests.golden.rows import Row
from tests.golden.story import Story
from tests.golden.workspace import Rows

MADE = conversations(seed=11, count=250)
SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
def computed(_own_machine: None, tmp_path_factory: pytest.TempPathFactory) -> Computed:
    store = Rows(Home(tmp_path_factory.mktemp("invariants")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SUPPORTLENS_NOW", NOW.isoformat())
        store.add(MADE)
        store.enrich()
    made = Computed.of(lambda sql: store.writer.query(sql.replace("{", "").replace("}", "")).to_pylist())
    store.writer.close()
    return made


def each(computed: Computed) -> Iterator[tuple[Story, Row]]:
    """Every conversation with its facts."""
    for story in MADE:
        [facts] = computed.of_story("conversation_facts", story)
        yield story, facts


def test_there_is_something_to_look_at(computed: Computed) -> None:
    facts = [row for _, row in each(computed)]
    for column in (
        "first_reply_s",
        "full_resolution_s",
        "reopens",
        "thanks_reopens",
        "on_hold_s",
        "agent_wait_s",
    ):
        assert sum(bool(row[column]) for row in facts) > 3, column
    assert sum(row["is_counted"] for row in facts) > 100


def differing(expected: dict[str, Any], found: Row) -> dict[str, tuple[Any, Any]]:
    """Columns that differ: (expected, found)."""
    return {c: (v, found[c]) for c, v in expected.items() if found[c] != v}


def test_the_definitions_in_plain_python_give_the_same_facts(computed: Computed) -> None:
    pairs = [(story, Told(story).facts(), facts) for story, facts in each(computed)]
    found = {shown(s): differing(expected, facts) for s, expected, facts in pairs}
    assert {told: differs for told, differs in found.items() if differs} == {}
    assert sum(len(expected) for _, expected, _ in pairs) > 20 * len(MADE)


def test_the_definitions_in_plain_python_give_the_same_replies(computed: Computed) -> None:
    for story, _ in each(computed):
        told = Told(story)
        if not told.outbound:
            columns = ("replied_at", "agent", "is_reply", "team", "asked_at", "waited_s")
            found = [{c: row[c] for c in columns} for row in computed.of_story("replies", story)]
            assert found == told.replies(), shown(story)


def test_the_definitions_in_plain_python_give_the_same_next_contacts(computed: Computed) -> None:
    facts = {story.id: row for story, row in each(computed)}
    expected = next_contacts(MADE)
    assert sum(moment is not None for moment in expected.values()) > 10
    assert {name: facts[name]["next_contact_at"] for name in expected} == expected


def shown(story: Story) -> str:
    """A story as text, for a test that failed."""
    events = [
        f"{(e.at - story.created).total_seconds() / 60:g} {e.who} {e.what} {e.text}" for e in story.events
    ]
    return "\n".join(
        [f"{story.id} {story.channel} {story.team} {story.agent} {story.priority} {story.row}", *events]
    )


def test_no_duration_is_negative(computed: Computed) -> None:
    for story, facts in each(computed):
        negative = {c: v for c, v in facts.items() if c.endswith("_s") and v is not None and v < 0}
        assert negative == {}, story.id


def test_working_time_is_a_part_of_the_time(computed: Computed) -> None:
    for story, facts in each(computed):
        for column, value in facts.items():
            if column.endswith("_business_s") and value is not None:
                assert value <= facts[column.replace("_business_s", "_s")], (story.id, column)


def test_a_solve_is_undone_or_holds(computed: Computed) -> None:
    for story, facts in each(computed):
        solves = computed.of_story("solves", story)
        undone = [solve for solve in solves if solve["reopened_at"] is not None]
        by_thanks = [solve for solve in undone if solve["reopened_by_thanks"]]
        assert facts["reopens"] == len(undone) - len(by_thanks), story.id
        assert facts["thanks_reopens"] == len(by_thanks), story.id
        assert facts["is_solved"] == (len(solves) > len(undone)), story.id
        assert all(solve["reopened_at"] is not None for solve in solves[:-1]), story.id
        if solves:
            assert facts["first_solved_at"] == solves[0]["solved_at"], story.id


def test_waiting_adds_up_to_the_time_unsolved(computed: Computed) -> None:
    for story, facts in each(computed):
        if facts["requester_wait_s"] is None:
            assert not facts["is_solved"], shown(story)
            continue
        spans = computed.of_story("open_spans", story)
        unsolved = sum(((s["closed_at"] - s["opened_at"]) // SECOND for s in spans), 0)
        assert facts["requester_wait_s"] + facts["agent_wait_s"] == unsolved, story.id
        assert facts["requester_wait_s"] == facts["agent_work_s"] + facts["on_hold_s"], story.id


def test_open_stretches_follow_each_other(computed: Computed) -> None:
    far = datetime(9999, 1, 1, tzinfo=UTC)
    for story, facts in each(computed):
        spans = computed.of_story("open_spans", story)
        edges: list[Any] = [edge for s in spans for edge in (s["opened_at"], s["closed_at"] or far)]
        assert edges == sorted(edges), story.id
        if not facts["is_solved"]:
            assert edges[-1] == far, story.id
            assert edges.count(far) == 1, story.id
        elif edges:
            assert edges[-1] == facts["last_solved_at"], story.id


def test_replies_are_counted_once(computed: Computed) -> None:
    for story, facts in each(computed):
        replies = computed.of_story("replies", story)
        assert facts["agent_replies"] == sum(reply["is_reply"] for reply in replies), story.id
        for reply in replies:
            if reply["asked_at"] is not None:
                assert reply["waited_s"] == (reply["replied_at"] - reply["asked_at"]) // SECOND, story.id


def test_one_touch_in_its_variants(computed: Computed) -> None:
    for story, facts in each(computed):
        if not facts["is_solved"]:
            assert facts["one_touch"] is None, story.id
            continue
        replies = facts["agent_replies"]
        assert facts["one_touch_lt2"] == (replies < 2), story.id
        assert facts["one_touch_eq1"] == (replies == 1), story.id
        assert facts["one_touch"] == (replies == 1 and facts["reopens"] == 0), story.id
        if facts["one_touch_messaging"]:
            assert replies > 0, story.id
            assert (facts["agent_wait_s"], facts["on_hold_s"]) == (0, 0), story.id


def test_a_target_ends_after_it_began(computed: Computed) -> None:
    ended = 0
    for story in MADE:
        for target in computed.of_story("sla_instances", story):
            if target["ended_at"] is None:
                continue
            ended += 1
            assert target["ended_at"] >= target["started_at"], story.id
            if target["breached_at"] is not None:
                assert target["started_at"] <= target["breached_at"] <= target["ended_at"], story.id
    assert ended > 20


HOSTILE: dict[str, list[Row]] = {
    "conversations": [
        {"conversation_id": "'; DROP TABLE messages; --", "created_at": NOW, "priority": "\"high\"", "status": "odd"},
        {"conversation_id": "", "created_at": None, "channel": "", "team_id": "", "assignee_id": ""},
        {"conversation_id": "🚲\u202e", "created_at": datetime(2099, 12, 31, tzinfo=UTC), "requester_id": ""},
        {"conversation_id": "old", "created_at": datetime(1970, 1, 1, tzinfo=UTC), "merged_into": "old"},
    ],
    "messages": [
        {"message_id": "m1", "conversation_id": "", "created_at": None, "author_role": None, "body_text": None},
        {"message_id": "m2", "conversation_id": "old", "created_at": NOW, "author_role": "", "body_text": "'\x01"},
        {"message_id": "m3", "conversation_id": "nowhere", "created_at": NOW, "author_role": "agent"},
        {"message_id": "m4", "conversation_id": "🚲\u202e", "created_at": NOW, "author_role": "agent", "author_id": ""},
    ],
    "conversation_events": [
        {"event_id": "e1", "conversation_id": "old", "occurred_at": None, "field": "status", "new_value": "solved"},
        {"event_id": "e2", "conversation_id": "old", "occurred_at": NOW, "field": "status", "new_value": None},
        {"event_id": "e3", "conversation_id": "old", "occurred_at": NOW, "field": None, "new_value": "x"},
        {"event_id": "e4", "conversation_id": "", "occurred_at": NOW, "field": "assignee", "new_value": ""},
        {"event_id": "e5", "conversation_id": "nowhere", "occurred_at": NOW, "field": "team", "new_value": "t"},
    ],
    "csat": [
        {"csat_id": "r1", "conversation_id": "old", "score": float("nan"), "rated_at": NOW, "scale": "1-0"},
        {"csat_id": "r2", "conversation_id": "old", "score": 0.5, "rated_at": None, "scale": "' OR 1"},
        {"csat_id": "r3", "conversation_id": None, "score": 1.0, "rated_at": NOW, "scale": ""},
    ],
    "schedules": [
        {"schedule_id": "s1", "iana_tz": "Moon/Crater", "intervals": "[[0, 60]]"},
        {"schedule_id": "s2", "iana_tz": "UTC", "intervals": "[]"},
        {"schedule_id": "s3", "iana_tz": "UTC", "intervals": '{"a": 1}'},
    ],
}  # fmt: skip


def test_hostile_rows_have_facts_and_stop_nothing(home: Home, now: datetime) -> None:
    store = Rows(home)
    for table, rows in HOSTILE.items():
        store.insert(table, [{"source_id": "desk", **row} for row in rows])
    store.enrich()
    facts = store.table("conversation_facts")
    assert {row["conversation_id"] for row in facts} >= {
        row["conversation_id"] for row in HOSTILE["conversations"]
    }
    for row in facts:
        assert [c for c, v in row.items() if c.endswith("_s") and v is not None and v < 0] == []
    assert all(row["csat_score"] is None or 0 <= row["csat_score"] <= 1 for row in facts)
    store.writer.close()
