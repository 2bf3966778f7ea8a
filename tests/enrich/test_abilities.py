from __future__ import annotations

from tests.enrich.world import World


def capabilities(world: World, source: str = "s") -> dict[str, tuple[bool, str]]:
    rows = [row for row in world.table("capabilities") if row["source_id"] == source]
    return {row["capability"]: (row["available"], row["reason"]) for row in rows}


def test_every_missing_thing_has_a_sentence(world: World) -> None:
    world.conversation("c", (0, "unknown", "hello"))
    world.enrich()
    found = capabilities(world)
    assert found["messages"] == (True, "1 messages")
    for name in (
        "roles",
        "agent_replies",
        "status",
        "status_history",
        "csat",
        "priority",
        "team",
        "agent",
        "tags",
    ):
        available, reason = found[name]
        assert not available and len(reason) > 10, name


def test_each_source_speaks_for_itself(world: World) -> None:
    world.conversation("a", (0, "customer", "x"), (1, "agent", "y"), status="open", priority="low")
    world.statuses("a", (1, "open"))
    world.conversation("b", (0, "unknown", "x"), source_id="t")
    world.rows("csat", {"csat_id": "1", "conversation_id": "a", "score": 1.0})
    world.enrich()
    assert {name for name, (available, _) in capabilities(world).items() if available} == {
        "messages", "roles", "agent_replies", "status", "status_history", "csat", "priority",
    }  # fmt: skip
    assert {name for name, (available, _) in capabilities(world, "t").items() if available} == {"messages"}
    assert capabilities(world)["status_history"][1].startswith("exact")


def test_a_source_whose_rows_are_all_deleted_has_nothing(world: World) -> None:
    world.conversation("c", (0, "customer", "x", {"is_deleted": True}), is_deleted=True, status="open")
    world.enrich()
    assert not any(available for available, _ in capabilities(world).values())
