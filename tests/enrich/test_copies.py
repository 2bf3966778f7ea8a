"""The same conversation through two sources: linked by exact rules, counted once."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from enrich import copies
from tests.enrich.world import World


def twice(world: World, first: dict[str, Any], second: dict[str, Any]) -> dict[str, str | None]:
    """A conversation of source a and one of source b; why each is not counted."""
    for source, given in (("a", first), ("b", second)):
        given = {"requester_id": "ann@x.org", "created": 0.0, "key": "77", **given}
        world.conversation(given.pop("key"), created=given.pop("created"), source_id=source, **given)
    world.enrich()
    return {row["source_id"]: row["excluded_because"] for row in world.table("conversation_facts")}


@pytest.mark.parametrize(
    ("second", "copied"),
    [
        ({}, True),
        ({"created": 1.0}, True),
        ({"created": 1.1}, False),
        ({"requester_id": "ANN@x.org"}, True),
        ({"requester_id": "bob@x.org"}, False),
        ({"requester_id": "17"}, False),  # nobody knows whose number that is
        ({"key": "78"}, False),
        ({"key": "78", "custom_fields": json.dumps({"Zendesk ID": 77})}, True),
        (
            {
                "key": "78",
                "custom_fields": json.dumps({"external_id": "77"}),
                "created": 500,
                "requester_id": "bob@x.org",
            },
            False,
        ),
        ({"key": "78", "custom_fields": json.dumps({"colour": "77"})}, False),
        ({"is_deleted": True}, False),
    ],
)
def test_which_are_the_same(world: World, second: dict[str, Any], copied: bool) -> None:
    assert twice(world, {}, second)["b"] == (
        "duplicate" if copied else "deleted" if second.get("is_deleted") else None
    )
    assert [row["rule"] for row in world.table("conversation_copies")] == ([
        "names the other's id" if "custom_fields" in second else "same id, person and time"
    ] if copied else [])  # fmt: skip


def test_the_same_address_is_the_same_conversation(world: World) -> None:
    address = "https://desk.example/tickets/5"
    found = twice(
        world, {"url": address}, {"url": address, "key": "other", "requester_id": None, "created": 9_000}
    )
    assert found == {"a": None, "b": "duplicate"}


def test_the_source_that_tells_more_is_the_original(world: World) -> None:
    world.conversation("77", requester_id="ann@x.org", source_id="a")
    world.conversation("77", (0, "customer", "hello"), requester_id="ann@x.org", source_id="b")
    world.statuses("77", (5, "solved"), source_id="b")
    world.enrich()
    assert [(r["source_id"], r["original_source_id"]) for r in world.table("conversation_copies")] == [
        ("a", "b")
    ]
    assert world.facts("77", "a")["excluded_because"] == "duplicate"
    assert world.facts("77", "b")["is_counted"]


def test_a_copy_counts_again_when_the_original_goes(world: World) -> None:
    assert twice(world, {}, {})["b"] == "duplicate"
    world.writer.execute("UPDATE conversations SET is_deleted = true WHERE source_id = 'a'")
    world.dirty("77", "a")
    assert world.enrich().conversations == 2
    assert {r["source_id"]: r["excluded_because"] for r in world.table("conversation_facts")} == {
        "a": "deleted",
        "b": None,
    }
    assert world.table("conversation_copies") == []


def test_of_three_one_counts(world: World) -> None:
    for source in ("c", "a", "b"):
        world.conversation("77", requester_id="ann@x.org", source_id=source)
        world.enrich()  # one by one, so that the first to arrive becomes a copy later
    assert {r["source_id"]: r["is_counted"] for r in world.table("conversation_facts")} == {
        "a": True,
        "b": False,
        "c": False,
    }


def test_many_equal_a_second_way(world: World) -> None:
    dice = random.Random(8)
    made = []
    for n in range(60):
        source, key, who, minute = (
            dice.choice("ab"),
            str(dice.randrange(25)),
            dice.choice(["x@x.org", "y@x.org"]),
            dice.choice([0, 0.5, 7]),
        )
        if not any((s, k) == (source, key) for s, k, _, _ in made):
            made.append((source, key, who, minute))
            world.conversation(key, created=minute, requester_id=who, source_id=source, subject=f"{key} {n}")
    world.enrich()
    copies = {(s, k) for s, k, w, m in made if s == "b" and any(
        (s2, k2, w2) == ("a", k, w) and abs(m - m2) <= 1 for s2, k2, w2, m2 in made)}  # fmt: skip
    counted = {
        (r["source_id"], r["conversation_id"]): r["is_counted"] for r in world.table("conversation_facts")
    }
    assert {key for key, inside in counted.items() if not inside} == copies
    assert len(copies) >= 3 and len(counted) == len(made)


def test_no_plan_holds_every_conversation_against_every_other(world: World) -> None:
    for source, many in (("large", 20_000), ("small", 500)):
        world.writer.execute(
            f"INSERT INTO conversations BY NAME SELECT '{source}' AS source_id, '{source}' || n AS conversation_id, "
            f"TIMESTAMPTZ '2026-03-02' + INTERVAL (n) MINUTE AS created_at FROM range({many}) r(n)"
        )
    plans, writer = [], world.writer
    with writer.transaction():  # where nobody counted yet what a new table holds
        writer.execute(copies._CANDIDATES)
        for sql in (copies._PAIRS, copies._COPIES):
            plans.append(str(writer.query(f"EXPLAIN {sql}").to_pylist()))
            writer.execute(sql)
    assert "HASH_JOIN" in plans[0]
    assert not any(every in plan for plan in plans for every in ("NESTED_LOOP", "CROSS_PRODUCT"))
