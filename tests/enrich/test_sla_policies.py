"""Policies and applications of a source: their conditions, hours, precedence, and who is told."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from enrich.sla_conditions import Unreadable, of_policy
from tests.enrich.sla_world import ASKED, NOW, SlaWorld, Talk, names, policy, together, told, world
from tests.enrich.test_sla import priority
from tests.enrich.world import START

__all__ = ["world"]


@pytest.fixture(scope="module")
def cases(_own_machine: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlaWorld]:
    with together(tmp_path_factory.mktemp("cases"), ask_conditions, ask_lengths, ask_names) as made:
        yield made


# --- policies of a source ---


def test_a_source_brings_its_own(world: SlaWorld) -> None:
    policy(world, "gold", priority="urgent", seconds=3600)
    policy(world, "silver", metric="resolution", seconds=7200)
    policy(world, "bronze", metric="agent_work_time", seconds=60)
    world.talk("s", Talk(ASKED, columns={"priority": "urgent"}))
    world.enrich()
    (row,) = world.instances("s")  # the first policy that fits counts, for every metric
    assert (row["policy"], row["target_s"], row["priority"]) == ("gold", 3600, "urgent")
    assert world.reason("s") == (
        "2 policies of the source; not used: bronze: no target for a first reply, a next reply or a resolution"
    )


def test_one_policy_has_several_targets(world: SlaWorld) -> None:
    for metric, level, seconds in (
        ("first_reply", None, 7200), ("first_reply", "urgent", 3600), ("resolution", "urgent", 9000)
    ):  # fmt: skip
        policy(world, f"{metric} {level}", name="Gold", metric=metric, priority=level, seconds=seconds)
    world.talk("s", Talk(ASKED, [(200, "status", None, "open")], {"priority": "urgent"}), "urgent")
    world.talk("s", Talk(ASKED, [(200, "status", None, "open")], {"priority": "low"}), "low")
    world.enrich()
    found = {
        key: [(row["sla_metric"], row["target_s"]) for row in world.instances("s", key)]
        for key in ("urgent", "low")
    }
    assert found == {"urgent": [("first_reply", 3600), ("resolution", 9000)], "low": [("first_reply", 7200)]}


def test_positions_decide(world: SlaWorld) -> None:
    policy(world, "a", position=2)
    policy(world, "b", position=1)
    policy(world, "z", position=0, filter={"all": [{"field": "type", "operator": "is", "value": "incident"}]})
    world.talk("s", Talk(ASKED))
    world.enrich()
    assert names(world) == ["b"]


def test_settings_for_the_source_win_and_general_ones_fill_up(world: SlaWorld) -> None:
    policy(world, "own")
    policy(world, "other", name="own", metric="resolution", seconds=600)
    world.talk("s", Talk(ASKED, [(5, "status", None, "open")]))
    general = [{"metric": m, "target": "9h"} for m in ("first_reply", "next_reply", "resolution")]
    world.with_goals(*general, {"metric": "first_reply", "target": "3h", "sources": ["s"]})
    world.change("s", (90, "status", "open", "pending"))
    world.enrich()
    assert names(world) == ["first reply 3h", "own"]
    world.talk("t", Talk(ASKED))
    world.enrich()
    assert [row["policy"] for row in world.instances("t")] == ["first reply 9h"]


CONDITIONS: list[tuple[dict[str, Any] | None, bool]] = [
    (None, True),
    ({"all": [], "any": []}, True),
    ({"all": [{"field": "priority", "operator": "is", "value": "high"}]}, True),
    ({"all": [{"field": "priority", "operator": "is_not", "value": "high"}]}, False),
    ({"all": [{"field": "type", "operator": "is", "value": "Incident"}]}, True),
    ({"all": [{"field": "group_id", "operator": "is", "value": 11}]}, True),
    ({"all": [{"field": "group_id", "operator": "is_not", "value": 11}]}, False),
    ({"all": [{"field": "organization_id", "operator": "is", "value": ""}]}, True),
    ({"all": [{"field": "organization_id", "operator": "present"}]}, False),
    ({"all": [{"field": "brand", "operator": "is", "value": "Acme"}]}, True),
    ({"all": [{"field": "current_tags", "operator": "includes", "value": "gold vip"}]}, True),
    ({"all": [{"field": "current_tags", "operator": "not_includes", "value": "gold vip"}]}, False),
    ({"all": [{"field": "current_tags", "operator": "not_includes", "value": "gold"}]}, True),
    ({"all": [{"field": "via", "operator": "is", "value": "mail"}]}, True),
    ({"all": [{"field": "ticket_fields_27642", "operator": "is", "value": "pro"}]}, True),
    ({"all": [{"field": "custom_fields_27642", "operator": "is", "value": "free"}]}, False),
    ({"any": [{"field": "type", "operator": "is", "value": "task"},
              {"field": "brand", "operator": "is", "value": ["Acme", "Other"]}]}, True),
    ({"any": [{"field": "type", "operator": "is", "value": "task"}]}, False),
    ({"all": [{"field": "type", "operator": "is", "value": "incident"}],
      "any": [{"field": "brand", "operator": "is", "value": "Other"}]}, False),
]  # fmt: skip


def ask_conditions(world: SlaWorld) -> None:
    """One conversation a condition, all alike, and the policy of its source."""
    columns = {
        "type": "incident", "brand": "Acme", "team_id": "11", "priority": "high",
        "custom_fields": json.dumps({"Plan": "pro"}),
    }  # fmt: skip
    for number, (where, _) in enumerate(CONDITIONS):
        source = f"condition {number}"
        policy(world, "p", source_id=source, **({"filter": where} if where is not None else {}))
        world.rows("field_definitions", {"source_id": source, "field_key": "Plan", "native_id": "27642"})
        world.rows("conversation_tags", {"source_id": source, "conversation_id": "c", "tag": "vip"})
        world.talk(source, Talk(ASKED, columns=columns))


@pytest.mark.parametrize("number", range(len(CONDITIONS)), ids=[json.dumps(where) for where, _ in CONDITIONS])
def test_conditions_of_policies(cases: SlaWorld, number: int) -> None:
    where, fits = CONDITIONS[number]
    assert bool(cases.instances(f"condition {number}")) is fits, where


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[", "not JSON"),
        ("[]", "is not {"),
        ('{"none": []}', "is not {"),
        ('{"all": {}}', "not a list"),
        ('{"all": [3]}', "names no field"),
        (
            '{"all": [{"field": "satisfaction_score", "operator": "is", "value": "good"}]}',
            "satisfaction_score",
        ),
        ('{"all": [{"field": "type", "operator": "less_than", "value": "x"}]}', "type less_than"),
        ('{"all": [{"field": "current_via_id", "operator": "is", "value": 4}]}', "by number"),
        ('{"all": [{"field": "ticket_fields_5", "operator": "is", "value": "x"}]}', "ticket_fields_5"),
        ('{"all": [{"field": "type", "operator": "is", "value": {"a": 1}}]}', "the value"),
    ],
)
def test_what_cannot_be_evaluated_is_said(text: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason.replace("{", r"\{")):
        of_policy(text, {})


def test_a_policy_that_cannot_be_evaluated_is_left_out(
    world: SlaWorld, caplog: pytest.LogCaptureFixture
) -> None:
    policy(
        world, "strange", position=1, filter={"all": [{"field": "mood", "operator": "is", "value": "bad"}]}
    )
    policy(world, "plain", position=2)
    world.talk("s", Talk(ASKED))
    with caplog.at_level(logging.WARNING, "enrich.sla"):
        world.enrich()
    assert names(world) == ["plain"]
    assert world.reason("s") == "1 policies of the source; not used: strange: a condition on mood"
    assert "a condition on mood" in caplog.text


LENGTHS = (0, -5, 10**17)


def ask_lengths(world: SlaWorld) -> None:
    for seconds in LENGTHS:
        policy(world, "p", source_id=f"length {seconds}", seconds=seconds)
        world.talk(f"length {seconds}", Talk(ASKED))


@pytest.mark.parametrize("seconds", LENGTHS)
def test_a_length_that_is_none_is_left_out(cases: SlaWorld, seconds: int) -> None:
    assert cases.instances(f"length {seconds}") == []
    assert "not used: p" in cases.reason(f"length {seconds}")


def test_a_policy_is_for_clocks_that_start_while_it_holds(world: SlaWorld) -> None:
    policy(world, "p", metric="next_reply", valid_from=START + timedelta(minutes=50))
    world.talk("s", Talk([(0, "customer"), (10, "agent"), (20, "customer"), (40, "agent"), (60, "customer")]))
    world.enrich()
    assert [told(row, NOW)[1] for row in world.instances("s")] == [60]


def test_zendesk_counts_pending_and_hold(world: SlaWorld) -> None:
    world.rows("sources", {"kind": "zendesk"}, {"source_id": "t", "kind": "files"})
    for source in ("s", "t"):
        policy(
            world,
            "7:total_resolution_time:high",
            source_id=source,
            name="Gold",
            metric="resolution",
            seconds=7200,
        )
        changes = [(60.0, "status", "open", "pending"), (300.0, "status", "pending", "solved")]
        world.talk(source, Talk(changes=changes, columns={"priority": "high"}))
    world.enrich()
    assert [told(row, NOW)[2:] for row in world.instances("s")] == [(120, 300, 120, "breached")]
    assert [told(row, NOW)[2:] for row in world.instances("t")] == [(360, 300, None, "met")]


# --- applications ---


def test_applications_decide_where_a_source_tells_them(world: SlaWorld) -> None:
    """The target is that of the priority at the application, whatever it becomes later."""
    for level, seconds in (("normal", 7200), ("urgent", 600)):
        policy(world, f"7:first_reply_time:{level}", name="Gold", priority=level, seconds=seconds)
    changes = [(10, "sla", None, "Gold"), priority(20, "normal", "urgent")]
    world.talk("s", Talk(ASKED, changes))
    world.enrich()
    (row,) = world.instances("s")
    assert (row["priority"], told(row, NOW)[1:]) == ("normal", (0, 120, 90, None, "met"))


CALLED = ("7", "Gold", " gold ", "7:first_reply_time:high")


def ask_names(world: SlaWorld) -> None:
    for called in CALLED:
        source = f"called {called}"
        world.rows("sources", {"source_id": source, "kind": "zendesk"})
        for key, name, position in (("7", "Gold", 9), ("6", "Other", 1)):
            policy(world, f"{key}:first_reply_time:high", source_id=source, name=name, priority="high",
                   position=position)  # fmt: skip
        world.talk(source, Talk(ASKED, [(0, "sla", None, called)], {"priority": "high"}))


@pytest.mark.parametrize("called", CALLED)
def test_an_application_names_a_policy(cases: SlaWorld, called: str) -> None:
    assert [row["policy"] for row in cases.instances(f"called {called}")] == ["Gold"]


def test_an_application_that_names_nothing_says_nothing(world: SlaWorld) -> None:
    policy(world, "p")
    world.talk("s", Talk(ASKED, [(10, "sla", None, "unheard of")]))
    world.enrich()
    assert names(world) == ["p"]


def test_a_policy_that_was_taken_away(world: SlaWorld) -> None:
    policy(world, "p")
    world.talk("s", Talk(ASKED, [(0, "sla", None, "p"), (30, "sla", "p", None)]))
    world.talk("s", Talk(ASKED, [(0, "sla", None, "p"), (80, "sla", "p", "")]), "late")
    world.enrich()
    assert [told(row, NOW)[1:] for row in world.instances("s")] == [(0, 60, 90, None, "cancelled")]
    assert [told(row, NOW)[1:] for row in world.instances("s", "late")] == [(0, 60, 90, 60, "breached")]


# --- hours ---


def schedule(world: SlaWorld, key: str, zone: str | None = "Europe/London") -> None:
    week = [[day * 1440 + 540, day * 1440 + 1020] for day in range(1, 6)]
    world.rows(
        "schedules", {"schedule_id": key, "name": "Office", "iana_tz": zone, "intervals": json.dumps(week)}
    )


def test_a_policy_in_working_hours(world: SlaWorld) -> None:
    """Its own schedule, else the conversation's: asked on Monday at 16:30, due on Tuesday at 09:30."""
    schedule(world, "5")
    policy(world, "p", business_hours=True)
    policy(world, "q", name="p", metric="resolution", business_hours=True, schedule_id="5")
    world.talk("s", Talk([(450, "customer"), (500, "agent")], [(460, "status", None, "open")],
                         {"created_at": START + timedelta(minutes=450)}))  # fmt: skip
    world.enrich()
    rows = world.instances("s")
    assert [(row["calendar"], told(row, NOW)[2]) for row in rows] == [("s/5", 1470), ("s/5", 1470)]


def test_working_hours_without_a_calendar_are_no_target(world: SlaWorld) -> None:
    world.with_goals({"metric": "first_reply", "target": "9h"}, calendars=())
    policy(world, "p", business_hours=True)
    world.talk("s", Talk(ASKED))
    world.enrich()
    assert world.instances("s") == []


def test_a_schedule_whose_zone_nobody_knows(world: SlaWorld) -> None:
    schedule(world, "5", None)
    policy(world, "p", business_hours=True, schedule_id="5")
    world.talk("s", Talk(ASKED))
    world.enrich()
    assert world.instances("s") == []
    assert "not used: s/5: " in world.reason("s")


# --- who is told ---


def test_team_and_agent_are_those_of_the_fulfilment_or_the_due_time(world: SlaWorld) -> None:
    world.rows("teams", {"team_id": "t1", "name": "Billing"}, {"team_id": "t2", "name": "Sales"})
    world.rows("people", {"person_id": "p1", "name": "Ann", "kind": "agent"})
    world.with_goals({"metric": "first_reply", "target": "1h"})
    moves = [
        (10.0, "team", "t1", "t2"),
        (80.0, "team", "t2", "t1"),
        (50.0, "assignee", None, "p1"),
        (100.0, "assignee", "p1", "p2"),
    ]
    world.talk("s", Talk([(0, "customer"), (90, "agent")], moves), "late")
    world.talk("s", Talk([(0, "customer")], moves), "never")
    world.enrich()
    assert [(row["team"], row["agent"]) for row in world.instances("s", "late")] == [("Billing", "Ann")]
    assert [(row["team"], row["agent"]) for row in world.instances("s", "never")] == [("Sales", "Ann")]


def test_without_agents_there_are_no_replies_to_wait_for(world: SlaWorld) -> None:
    world.with_goals({"metric": "first_reply", "target": "1h"}, {"metric": "next_reply", "target": "1h"})
    world.conversation("c", (0, "customer", "request about a thing"))
    world.enrich()
    assert world.instances("s") == []
