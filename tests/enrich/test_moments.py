"""Who held a conversation when, and how long it was in which status: by hand."""

from __future__ import annotations

from typing import Any

import pytest

from core.settings import Settings
from tests.enrich.world import World, at


def event(
    world: World, key: str, minute: float, field: str, new: str | None, old: str | None = None, **more: Any
) -> None:
    world._serial += 1
    world.rows(
        "conversation_events",
        {"conversation_id": key, "event_id": f"e{world._serial:06d}", "seq": world._serial, "occurred_at": at(minute),
         "field": field, "old_value": old, "new_value": new, "is_derived": False} | more,
    )  # fmt: skip


def held(world: World) -> None:
    """Asked at 0; Billing and Ann from 5; high from 8; Bob answers at 10; Bob's and Care's from 20; solved at 30."""
    world.rows("teams", {"team_id": "t1", "name": "Billing"}, {"team_id": "t2", "name": "Care"})
    world.rows("people", {"person_id": "ann", "name": "Ann", "kind": "agent"},
               {"person_id": "bob", "name": "Bob", "kind": "agent"})  # fmt: skip
    world.conversation(
        "c", (0, "customer", "It broke"), (10, "agent", "Here is help", {"author_id": "bob"}),
        status="solved", priority="high", team_id="t2", assignee_id="bob",
    )  # fmt: skip
    event(world, "c", 0, "status", "new")
    event(world, "c", 5, "team", "t1")
    event(world, "c", 5, "assignee", "ann")
    event(world, "c", 8, "priority", "high", "normal")
    event(world, "c", 20, "team", "t2", "t1")
    event(world, "c", 20, "assignee", "bob", "ann")
    event(world, "c", 30, "status", "solved", actor_id="ann", actor_role="agent")


def test_numbers_belong_to_who_held_it_then(world: World) -> None:
    held(world)
    facts = world.facts("c")
    assert (facts["created_team"], facts["created_priority"]) == (None, "normal")
    assert (facts["first_reply_agent"], facts["first_reply_team"], facts["first_reply_priority"]) == (
        "Bob", "Billing", "high",
    )  # fmt: skip
    assert (facts["last_solve_agent"], facts["last_solve_team"]) == (
        "Ann",
        "Care",
    )  # who solved, not who holds it
    assert (facts["agent"], facts["team"], facts["priority"]) == ("Bob", "Care", "high")
    assert (facts["agent_stations"], facts["team_stations"], facts["handoffs"]) == (2, 2, 1)


def test_the_backlog_is_cut_where_the_holder_changes(world: World) -> None:
    held(world)
    world.enrich()
    pieces = [
        (p["opened_at"], p["closed_at"], p["team"], p["agent"], p["priority"]) for p in world.pieces("c")
    ]
    assert pieces == [
        (at(0), at(5), None, None, "normal"),
        (at(5), at(8), "Billing", "Ann", "normal"),
        (at(8), at(20), "Billing", "Ann", "high"),
        (at(20), at(30), "Care", "Bob", "high"),
    ]


def test_a_solve_by_nobody_is_the_assignees(world: World) -> None:
    world.conversation("c", (0, "customer", "x"), assignee_id="ann")
    world.statuses("c", (10, "solved"), actor_id="robot", actor_role="bot")
    assert world.facts("c")["last_solve_agent"] == "ann"


def test_a_renamed_team_changes_every_moment_that_shows_it(world: World) -> None:
    held(world)
    world.enrich()
    world.writer.execute("UPDATE teams SET name = 'Invoices' WHERE team_id = 't1'")
    world.writer.execute("UPDATE people SET name = 'Robert' WHERE person_id = 'bob'")
    world.enrich()
    facts = world.facts("c")
    assert (facts["first_reply_team"], facts["first_reply_agent"], facts["agent"]) == (
        "Invoices",
        "Robert",
        "Robert",
    )
    assert [piece["team"] for piece in world.pieces("c")] == [None, "Invoices", "Invoices", "Care"]


def test_time_in_statuses_of_solved_conversations(world: World) -> None:
    world.conversation("c", (0, "customer", "x"))
    world.statuses(
        "c", (0, "new"), (10, "open"), (30, "pending"), (70, "hold"), (75, "open"), (100, "solved")
    )
    facts = world.facts("c")
    assert facts["requester_wait_s"] == (10 + 20 + 5 + 25) * 60
    assert facts["agent_work_s"] == (10 + 20 + 25) * 60
    assert facts["agent_wait_s"] == 40 * 60
    assert facts["on_hold_s"] == 5 * 60
    assert facts["requester_wait_business_s"] is None  # nobody told any working hours
    world.conversation("open", (0, "customer", "x"))
    world.statuses("open", (0, "new"), (10, "pending"))
    assert world.facts("open")["agent_wait_s"] is None  # the running stretch never counts


def test_a_history_read_off_dates_has_no_time_in_statuses(world: World) -> None:
    world.conversation("c", (0, "customer", "x"), status="solved")
    world.statuses("c", (60, "solved"), derived=True)
    assert world.facts("c")["requester_wait_s"] is None


def test_the_reply_after_a_reopen(world: World) -> None:
    world.conversation(
        "c", (0, "customer", "x"), (5, "agent", "y"), (60, "customer", "It broke again"), (72, "agent", "z")
    )
    world.statuses("c", (10, "solved"), (60, "open"), (80, "solved"))
    facts = world.facts("c")
    assert facts["reopened_reply_s"] == 12 * 60 and facts["first_reply_s"] == 5 * 60
    assert facts["first_reopened_at"] == at(60)
    assert facts["one_touch"] is False and facts["one_touch_eq1"] is False
    solves = world.of("solves", "c", "solve_no")
    assert [(s["solved_at"], s["reopened_at"], s["reopened_by_thanks"]) for s in solves] == [
        (at(10), at(60), False), (at(80), None, None),
    ]  # fmt: skip


def test_reopened_and_solved_in_one_second_is_a_reopen(world: World) -> None:
    world.conversation("c", (0, "customer", "x"), (20, "customer", "It broke again"))
    world.statuses("c", (10, "solved"), (30, "open"), (30, "solved"))
    facts = world.facts("c")
    assert facts["reopens"] == 1 and facts["first_reopened_at"] == at(30)


def test_each_customer_turn_waits_for_the_next_reply(world: World) -> None:
    world.conversation(
        "c", (0, "customer", "a"), (5, "agent", "b"), (10, "customer", "c"), (12, "customer", "d"),
        (15, "agent", "note", {"is_public": False}), (16, "bot", "beep"), (30, "agent", "e"), (31, "agent", "f"),
        (40, "customer", "Thanks!"), (50, "agent", "welcome"), (60, "customer", "one more thing"),
    )  # fmt: skip
    world.statuses("c", (5, "open"))
    facts = world.facts("c")
    found = [(r["replied_at"], r["waited_s"]) for r in world.of("replies", "c", "reply_no")]
    assert found == [(at(5), None), (at(30), 20 * 60), (at(31), None), (at(50), None)]
    assert facts["waiting_since_at"] == at(60) and facts["agent_replies"] == 4


def test_ratings_of_each_kind(world: World) -> None:
    world.conversation("c", (0, "customer", "x"), assignee_id="ann")
    rows = [
        {"csat_id": "1", "score": 0.0, "rated_at": at(5)},
        {"csat_id": "2", "score": 1.0, "rated_at": at(9), "scale": "1 to 5, stars"},
        {"csat_id": "3", "native_score": "11", "scale": "stars", "rated_at": at(10)},
        {"csat_id": "4", "native_score": "9", "score": 0.9, "scale": "NPS", "rated_at": at(11)},
        {"csat_id": "5", "native_score": "12", "score": None, "scale": "NPS", "rated_at": at(12)},
        {"csat_id": "6", "native_score": "6", "scale": "customer effort 1 to 7", "rated_at": at(13)},
        {"csat_id": "7", "score": None, "native_score": "offered", "offered_at": at(3)},
    ]
    world.rows("csat", *({"conversation_id": "c"} | row for row in rows))
    facts = world.facts("c")
    assert (facts["csat_score"], facts["csat_first_score"], facts["csat_ratings"], facts["csat_kind"]) == (
        1.0,
        0.0,
        2,
        "5",
    )
    assert (facts["nps_score"], facts["ces_score"], facts["csat_unusable"]) == (9.0, 6.0, 2)
    assert facts["surveyed_at"] == at(3) and facts["csat_agent"] == "ann"


@pytest.mark.parametrize(
    ("fields", "counting", "channel", "expected"),
    [
        ({"time spent (sec)": "90"}, {"phone": 6}, "phone", ("tracked", 90)),
        ({"Talk time min": 2}, {}, "email", ("tracked", 120)),
        ({"plan": "free"}, {"email": 6}, "email", ("average", 2 * 360)),
        (None, {}, "chat", ("gaps", 60 + 15 * 60)),
        (None, {}, "email", (None, None)),
    ],
)
def test_handling_time_says_how_it_was_found(
    world: World,
    fields: dict[str, Any] | None,
    counting: dict[str, float],
    channel: str,
    expected: tuple[Any, Any],
) -> None:
    import json

    world.settings = Settings.model_validate({"counting": {"handling_minutes": counting}})
    for key in fields or {}:
        world.rows("field_definitions", {"field_key": key})
    world.conversation(
        "c", (0, "customer", "a"), (1, "agent", "b"), (40, "customer", "c"), (100, "agent", "d"),
        channel=channel, custom_fields=json.dumps(fields) if fields else None,
    )  # fmt: skip
    facts = world.facts("c")
    assert (facts["handling_kind"], facts["handling_s"]) == expected


def test_bots_and_their_handoff(world: World) -> None:
    world.conversation("alone", (0, "customer", "x"), (1, "bot", "y"))
    world.conversation("over", (0, "customer", "x"), (1, "bot", "y"), (9, "agent", "z"))
    world.conversation("none", (0, "customer", "x"), (9, "agent", "z"))
    found = {
        key: (world.facts(key)["bot_messages"], world.facts(key)["bot_handoff"])
        for key in ("alone", "over", "none")
    }
    assert found == {"alone": (1, False), "over": (1, True), "none": (0, None)}


def test_an_acknowledgement_by_a_bot_is_no_bot_at_work(world: World) -> None:
    for number in range(20):
        world.conversation(f"c{number}", (0, "customer", f"x{number}"), (0.5, "bot", "We have your message."))
    assert world.facts("c0")["bot_messages"] == 0


def test_a_row_that_contradicts_its_history_is_noted(world: World) -> None:
    world.conversation("c", (0, "customer", "x"), status="open")
    world.statuses("c", (10, "solved"))
    world.conversation("filed", (0, "customer", "x"), status="closed")
    world.statuses("filed", (10, "solved"))
    assert world.facts("c")["contradicts"] == "open" and world.facts("c")["status"] == "solved"
    assert world.facts("filed")["contradicts"] is None


def test_events_whose_clock_ran_backwards_are_counted(world: World) -> None:
    world.conversation("c", (0, "customer", "x"), (-5, "agent", "clock was wrong"))
    world.statuses("c", (10, "open"), (5, "pending"), (20, "solved"))
    facts = world.facts("c")
    assert facts["clamped_events"] == 2
    assert facts["agent_wait_s"] == 600 and facts["agent_work_s"] == 600


def test_replies_lie_in_the_order_of_time(world: World) -> None:
    for key, minutes in {"a": (9, 70), "b": (5, 8), "c": (2, 90)}.items():
        talk: list[Any] = [(0, "customer", "It broke")]
        for minute in minutes:
            talk += [(minute, "agent", "Here is help"), (minute + 1, "customer", "Not yet")]
        world.conversation(key, *talk)
    world.enrich()
    rows = world.writer.query("SELECT replied_at FROM replies ORDER BY rowid")["replied_at"].to_pylist()
    assert rows == sorted(rows) == [at(minute) for minute in (2, 5, 8, 9, 70, 90)]
