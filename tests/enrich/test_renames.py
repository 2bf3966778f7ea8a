from __future__ import annotations

from tests.enrich.world import World


def fill(world: World) -> None:
    world.rows("teams", {"team_id": "t", "name": "Billing"})
    world.rows("people", {"person_id": "a", "name": "Ann"}, {"person_id": "c", "name": "Cleo"})
    message = (1, "agent", "y", {"author_id": "a"})
    world.conversation("c", (0, "customer", "x"), message, team_id="t", assignee_id="a", requester_id="c")
    world.conversation("other", (0, "customer", "x"))
    world.enrich()


def test_a_rename_reaches_the_facts_that_show_it(world: World) -> None:
    fill(world)
    world.writer.execute("UPDATE teams SET name = 'Payments'")
    world.writer.execute("UPDATE people SET name = 'Ann Other' WHERE person_id = 'a'")
    assert world.enrich().conversations == 1
    facts = world.facts("c")
    assert (facts["team"], facts["agent"], facts["first_reply_agent"]) == (
        "Payments",
        "Ann Other",
        "Ann Other",
    )


def test_no_rename_no_work(world: World) -> None:
    fill(world)
    assert world.enrich().conversations == 0
    world.rows("people", {"person_id": "new", "name": "Somebody"})
    assert world.enrich().conversations == 0
