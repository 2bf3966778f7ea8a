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
        "status_changes",
        "assignee_history",
        "team_history",
        "handoffs",
        "bots",
        "csat",
        "surveys",
        "nps",
        "ces",
        "sla_targets",
        "business_hours",
        "handling",
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
        "messages", "roles", "agent_replies", "status", "status_history", "status_changes", "csat", "priority",
    }  # fmt: skip
    assert {name for name, (available, _) in capabilities(world, "t").items() if available} == {"messages"}
    assert capabilities(world)["status_history"][1].startswith("exact")


def test_a_source_whose_rows_are_all_deleted_has_nothing(world: World) -> None:
    world.conversation("c", (0, "customer", "x", {"is_deleted": True}), is_deleted=True, status="open")
    world.enrich()
    assert not any(available for available, _ in capabilities(world).values())


def test_surveys_of_other_kinds_are_no_satisfaction_ratings(world: World) -> None:
    world.conversation("c", (0, "customer", "x"), (1, "bot", "y"))
    world.rows(
        "csat",
        {"csat_id": "1", "conversation_id": "c", "score": 0.9, "native_score": "9", "scale": "NPS 0-10"},
    )
    world.rows(
        "csat",
        {"csat_id": "2", "conversation_id": "c", "score": 0.5, "native_score": "4", "scale": "CES 1-7"},
    )
    world.enrich()
    found = capabilities(world)
    assert found["nps"] == (True, "1 answers on the NPS scale") and found["ces"][0] and not found["csat"][0]
    assert found["bots"] == (True, "1 public messages by bots")


def test_what_is_computed_is_told_after_the_facts(world: World) -> None:
    world.conversation("c", (0, "customer", "x"), (5, "agent", "y"), channel="chat")
    world.conversation("d", (0, "customer", "x"), source_id="t", channel="email")
    world.enrich()
    assert capabilities(world)["handling"] == (
        True, "derived: 1 conversations have one, estimated where it is not tracked",
    )  # fmt: skip
    assert not capabilities(world, "t")["handling"][0]
    world.enrich()
    assert capabilities(world)["handling"][0], "it stays when nothing changed"
