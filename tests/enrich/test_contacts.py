from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from enrich import attributes, pipeline
from tests.enrich.world import START, World, at

DAY = 24 * 60


def solved(
    world: World, key: str, created: float, solve: float, requester: str | None = "kim", **more: object
) -> None:
    world.conversation(key, (created, "customer", "x"), created=created, requester_id=requester, **more)
    world.statuses(
        key, (solve, "solved"), **({"source_id": more["source_id"]} if "source_id" in more else {})
    )


def facts_alone(world: World) -> None:
    """Without reading texts and finding topics."""
    pipeline.prepare(world.writer, world.settings)
    attributes.refresh_attributes(world.writer)
    pipeline.fill_facts(world.writer, world.settings, lambda text, done, total: None)


def next_contact(world: World, key: str = "a", source: str = "s") -> datetime | None:
    found: datetime | None = world.facts(key, source)["next_contact_at"]
    return found


def test_the_next_conversation_of_the_requester_after_the_last_solve(world: World) -> None:
    solved(world, "a", 0, 60)
    solved(world, "early", 30, 40)  # created before the solve of a
    solved(world, "b", 5 * DAY, 5 * DAY + 10)
    solved(world, "c", 6 * DAY, 6 * DAY + 10)
    solved(world, "other", 100, 200, requester="lee")
    assert next_contact(world) == at(5 * DAY)
    assert next_contact(world, "b") == at(6 * DAY)
    assert next_contact(world, "c") is None
    assert next_contact(world, "other") is None


@pytest.mark.parametrize(
    "later",
    [
        {"is_spam": True},
        {"is_deleted": True},
        {"source_id": "another"},
        {"requester_id": None},
    ],
    ids=str,
)
def test_what_does_not_count_is_no_contact(world: World, later: dict[str, object]) -> None:
    solved(world, "a", 0, 60)
    world.conversation("b", (90, "customer", "y"), created=90, **({"requester_id": "kim"} | later))
    assert next_contact(world) is None


def test_a_conversation_of_the_very_moment_of_the_solve_is_no_later_one(world: World) -> None:
    solved(world, "a", 0, 60)
    world.conversation("b", (60, "customer", "y"), created=60, requester_id="kim")
    assert next_contact(world) is None


def test_an_unsolved_conversation_has_no_next_contact(world: World) -> None:
    world.conversation("a", (0, "customer", "x"), requester_id="kim")
    world.statuses("a", (5, "open"))
    solved(world, "b", 90, 100)
    assert next_contact(world) is None


def test_a_later_refresh_judges_earlier_solves_anew(world: World) -> None:
    solved(world, "a", 0, 60)
    assert next_contact(world) is None
    solved(world, "b", 90, 100)
    assert next_contact(world) == at(90)
    world.writer.execute("UPDATE conversations SET is_spam = true WHERE conversation_id = 'b'")
    world.dirty("b")
    assert next_contact(world) is None


def test_a_conversation_that_changes_hands_leaves_its_requester(world: World) -> None:
    solved(world, "a", 0, 60)
    solved(world, "b", 90, 100)
    assert next_contact(world) == at(90)
    world.writer.execute("UPDATE conversations SET requester_id = 'lee' WHERE conversation_id = 'b'")
    world.dirty("b")
    assert next_contact(world) is None


def test_the_same_topic_is_another_column(world: World) -> None:
    for key, start, topic in (("a", 0, 1), ("b", 90, 2), ("c", 200, 1)):
        solved(world, key, start, start + 10)
        world.rows("conversation_topics", {"conversation_id": key, "topic_version": 1, "topic_id": topic})
    for topic in (1, 2):
        world.writer.execute(
            "INSERT INTO topics (topic_version, topic_id, label) VALUES (1, ?, 'x')", [topic]
        )
    world.writer.execute("UPDATE topics SET is_current = true, made_at = now()")
    facts_alone(world)
    facts = world.facts("a")
    assert facts["next_contact_at"] == at(90)
    assert facts["next_contact_same_topic_at"] == at(200)


def test_many_conversations_of_one_requester(world: World) -> None:
    for number in range(200):
        solved(world, f"c{number:03}", number * 10, number * 10 + 5)
    facts_alone(world)
    rows = world.table("conversation_facts")
    found = {row["conversation_id"]: row["next_contact_at"] for row in rows}
    assert found["c000"] == START + timedelta(minutes=10)
    assert all(found[f"c{n:03}"] == at(n * 10 + 10) for n in range(199))
    assert found["c199"] is None
