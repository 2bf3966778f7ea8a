"""Targets and their clocks, worked out by hand. Minutes count from Monday 2026-03-02 09:00 UTC."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from core.home import Home
from tests.enrich.sla_world import SlaWorld, Talk, told
from tests.enrich.world import START

NOW = START + timedelta(minutes=1440)  # a day later
AT_420 = START + timedelta(minutes=420)
NOTE = {"is_public": False}
FIRST = {"metric": "first_reply", "target": "1h"}
NEXT = {"metric": "next_reply", "target": "1h"}
SOLVE = {"metric": "resolution", "target": "2h"}
BY_PRIORITY = (
    {"metric": "first_reply", "target": "1h", "priority": "urgent"},
    {"metric": "first_reply", "target": "4h", "priority": "normal"},
    {"metric": "first_reply", "target": "8h", "priority": "low"},
)
URGENT_ONLY = BY_PRIORITY[:1]
OFFICE_1H = {"metric": "first_reply", "target": "1h", "calendar": "office"}
OFFICE_2H = {"metric": "resolution", "target": "2h", "calendar": "office"}
DAY = 1440.0


def priority(
    minute: float, before: str | None, after: str | None
) -> tuple[float, str, str | None, str | None]:
    return minute, "priority", before, after


def status(minute: float, after: str, by: str = "agent") -> tuple[float, str, str | None, str | None]:
    return minute, f"status by {by}", None, after


# name: targets, conversation, (metric, started, due, ended, breached, state) of each instance
CASES: dict[str, tuple[tuple[Any, ...], Talk, list[tuple[Any, ...]]]] = {
    # --- a first reply ---
    "in time": (
        (FIRST,), Talk([(0, "customer"), (30, "agent")]),
        [("first_reply", 0, 60, 30, None, "met")]),
    "on the dot": (
        (FIRST,), Talk([(0, "customer"), (60, "agent")]),
        [("first_reply", 0, 60, 60, None, "met")]),
    "a minute late": (
        (FIRST,), Talk([(0, "customer"), (61, "agent")]),
        [("first_reply", 0, 60, 61, 60, "breached")]),
    "never, long ago": (
        (FIRST,), Talk([(0, "customer")]),
        [("first_reply", 0, 60, None, None, "breached")]),
    "still time": (
        ({"metric": "first_reply", "target": "2d"},), Talk([(0, "customer")]),
        [("first_reply", 0, 2880, None, None, "running")]),
    "a bot's words are no reply": (
        (FIRST,), Talk([(0, "customer"), (5, "bot"), (90, "agent")]),
        [("first_reply", 0, 60, 90, 60, "breached")]),
    "a note is no reply": (
        (FIRST,), Talk([(0, "customer"), (5, "agent", "", NOTE), (50, "agent")]),
        [("first_reply", 0, 60, 50, None, "met")]),
    "a bot's solve in time": (
        (FIRST,), Talk([(0, "customer")], [status(20, "solved", "bot")]),
        [("first_reply", 0, 60, 20, None, "met")]),
    "a solve too late": (
        (FIRST,), Talk([(0, "customer")], [status(90, "closed")]),
        [("first_reply", 0, 60, 90, 60, "breached")]),
    "a reply after the bot's solve": (
        (FIRST,), Talk([(0, "customer"), (200, "agent")], [status(20, "solved", "bot"), status(150, "open")]),
        [("first_reply", 0, 60, 20, None, "met")]),
    "a solve that was undone at once": (
        (FIRST,), Talk([(0, "customer"), (50, "agent")], [status(20, "solved"), status(20, "open")]),
        [("first_reply", 0, 60, 50, None, "met")]),
    "written down in private": (
        (FIRST,), Talk([(0, "agent", "", NOTE), (40, "customer"), (90, "agent")]),
        [("first_reply", 40, 100, 90, None, "met")]),
    "in private, and nobody asked": ((FIRST,), Talk([(0, "agent", "", NOTE)]), []),
    "an agent began": ((FIRST,), Talk([(0, "agent"), (30, "customer"), (50, "agent")]), []),
    "without a message": ((FIRST,), Talk(), [("first_reply", 0, 60, None, None, "breached")]),
    "paused on request": (
        ({**FIRST, "pause_in": ["pending"]},),
        Talk([(0, "customer"), (100, "agent")], [status(30, "pending"), status(80, "open")]),
        [("first_reply", 0, 110, 100, None, "met")]),
    "never paused by itself": (
        (FIRST,), Talk([(0, "customer"), (100, "agent")], [status(30, "pending"), status(80, "open")]),
        [("first_reply", 0, 60, 100, 60, "breached")]),
    "replied while the clock stood": (  # 30 minutes had run, 30 were left
        ({**FIRST, "pause_in": ["pending"]},), Talk([(0, "customer"), (90, "agent")], [status(30, "pending")]),
        [("first_reply", 0, 120, 90, None, "met")]),
    # --- next replies ---
    "two turns": (
        (NEXT,),
        Talk([(0, "customer"), (10, "agent"), (20, "customer"), (30, "customer"), (50, "agent"),
              (100, "customer"), (170, "agent")]),
        [("next_reply", 20, 80, 50, None, "met"), ("next_reply", 100, 160, 170, 160, "breached")]),
    "thanks wait for nothing": (
        (NEXT,), Talk([(0, "customer"), (10, "agent"), (20, "customer", "thank you!")]), []),
    "thanks, then a question": (
        (NEXT,), Talk([(0, "customer"), (10, "agent"), (20, "customer", "thank you!"), (40, "customer"), (70, "agent")]),
        [("next_reply", 40, 100, 70, None, "met")]),
    "a turn that waits": (
        (NEXT,), Talk([(0, "customer"), (10, "agent"), (1400, "customer")]),
        [("next_reply", 1400, 1460, None, None, "running")]),
    "before the first reply there is no next": ((NEXT,), Talk([(0, "customer"), (10, "customer")]), []),
    "the customer answers an agent who began": (
        (FIRST, NEXT), Talk([(0, "agent"), (30, "customer"), (50, "agent")]),
        [("next_reply", 30, 90, 50, None, "met")]),
    "a solve ends a turn, the next message starts one": (
        (NEXT,),
        Talk([(0, "customer"), (10, "agent"), (20, "customer"), (100, "customer"), (190, "agent")],
             [status(40, "solved", "bot"), status(100, "open")]),
        [("next_reply", 20, 80, 40, None, "met"), ("next_reply", 100, 160, 190, 160, "breached")]),
    "a last word after the solve": (
        (NEXT,), Talk([(0, "customer"), (10, "agent"), (40, "customer")], [status(20, "solved")]), []),
    "asked, then closed by the customer": (
        (NEXT,), Talk([(0, "customer"), (10, "agent"), (40, "customer")], [status(40, "solved", "customer")]),
        [("next_reply", 40, 100, 40, None, "met")]),
    # --- solutions ---
    "pending does not count": (  # 60 minutes, then 60 from minute 180
        (SOLVE,), Talk(changes=[status(60, "pending"), status(180, "open"), status(240, "solved")]),
        [("resolution", 0, 240, 240, None, "met")]),
    "nor does hold": (
        (SOLVE,), Talk(changes=[status(60, "hold"), status(180, "open"), status(241, "solved")]),
        [("resolution", 0, 240, 241, 240, "breached")]),
    "pending counts where nothing pauses": (
        ({**SOLVE, "pause_in": []},), Talk(changes=[status(60, "pending"), status(240, "solved")]),
        [("resolution", 0, 120, 240, 120, "breached")]),
    "the clock stands now": (
        (SOLVE,), Talk(changes=[status(60, "pending")]), [("resolution", 0, None, None, None, "running")]),
    "due before it stood": (
        (SOLVE,), Talk(changes=[status(150, "pending")]), [("resolution", 0, 120, None, None, "breached")]),
    "solved time does not count": (  # 60 minutes, and 60 after the reopen at 600
        (SOLVE,), Talk(changes=[status(60, "solved"), status(600, "open"), status(660, "solved")]),
        [("resolution", 0, 660, 660, None, "met")]),
    "the last solve counts": (
        (SOLVE,), Talk(changes=[status(60, "solved"), status(600, "open"), status(700, "solved")]),
        [("resolution", 0, 660, 700, 660, "breached")]),
    "filed away after the solve": (
        (SOLVE,), Talk(changes=[status(60, "solved"), status(1000, "closed")]),
        [("resolution", 0, 120, 60, None, "met")]),
    "reopened and open": (
        (SOLVE,), Talk(changes=[status(60, "solved"), status(1400, "open")]),
        [("resolution", 0, 1460, None, None, "running")]),
    "solved by a row without history": (
        (SOLVE,), Talk(columns={"status": "solved", "last_solved_at": START + timedelta(minutes=100)}),
        [("resolution", 0, 120, 100, None, "met")]),
    "solved, nobody knows when": ((FIRST, SOLVE), Talk([(0, "customer")], columns={"status": "solved"}), []),
    "no status": ((SOLVE,), Talk([(0, "customer")]), []),
    # --- priorities ---
    "an upgrade does not restart the clock": (
        BY_PRIORITY, Talk([(0, "customer"), (70, "agent")], [priority(30, "normal", "urgent")]),
        [("first_reply", 0, 60, 70, 60, "breached")]),
    "an upgrade is not late before its time": (
        BY_PRIORITY, Talk([(0, "customer"), (200, "agent")], [priority(120, "normal", "urgent")]),
        [("first_reply", 0, 120, 200, 120, "breached")]),
    "an upgrade past its time, replied at once": (
        BY_PRIORITY, Talk([(0, "customer"), (120, "agent")], [priority(120, "normal", "urgent")]),
        [("first_reply", 0, 240, 120, None, "met")]),
    "an upgrade after the reply": (
        BY_PRIORITY, Talk([(0, "customer"), (100, "agent")], [priority(120, "normal", "urgent")]),
        [("first_reply", 0, 240, 100, None, "met")]),
    "a downgrade in time": (
        BY_PRIORITY, Talk([(0, "customer"), (100, "agent")], [priority(30, "urgent", "low")]),
        [("first_reply", 0, 480, 100, None, "met")]),
    "a downgrade on the dot": (
        BY_PRIORITY, Talk([(0, "customer"), (100, "agent")], [priority(60, "urgent", "low")]),
        [("first_reply", 0, 480, 100, None, "met")]),
    "a breach stays after a downgrade": (
        BY_PRIORITY, Talk([(0, "customer"), (100, "agent")], [priority(90, "urgent", "low")]),
        [("first_reply", 0, 480, 100, 60, "breached")]),
    "a breach stays while nobody replies": (
        BY_PRIORITY, Talk([(0, "customer")], [priority(90, "urgent", "low")]),
        [("first_reply", 0, 480, None, 60, "breached")]),
    "no priority, no target": (BY_PRIORITY, Talk([(0, "customer")], columns={"priority": "none"}), []),
    "a priority that comes late": (
        BY_PRIORITY, Talk([(0, "customer"), (200, "agent")], [priority(100, None, "normal")]),
        [("first_reply", 0, 240, 200, None, "met")]),
    "the policy was lost": (
        URGENT_ONLY, Talk([(0, "customer"), (200, "agent")], [priority(30, "urgent", "normal")]),
        [("first_reply", 0, 60, 200, None, "cancelled")]),
    "lost after the breach": (
        URGENT_ONLY, Talk([(0, "customer"), (200, "agent")], [priority(90, "urgent", "normal")]),
        [("first_reply", 0, 60, 200, 60, "breached")]),
    "lost and found": (
        URGENT_ONLY,
        Talk([(0, "customer"), (50, "agent")], [priority(10, "urgent", "low"), priority(40, "low", "urgent")]),
        [("first_reply", 0, 60, 50, None, "met")]),
    "lost after the reply": (
        URGENT_ONLY, Talk([(0, "customer"), (20, "agent")], [priority(90, "urgent", "normal")]),
        [("first_reply", 0, 60, 20, None, "met")]),
    # --- what is left out ---
    "merged, though replied before": (
        (FIRST,), Talk([(0, "customer"), (30, "agent")], columns={"merged_into": "d"}),
        [("first_reply", 0, 60, 30, None, "cancelled")]),
    "spam": (
        (FIRST,), Talk([(0, "customer")], columns={"is_spam": True}),
        [("first_reply", 0, 60, None, None, "cancelled")]),
    "deleted, and late": (
        (FIRST,), Talk([(0, "customer"), (90, "agent")], columns={"is_deleted": True}),
        [("first_reply", 0, 60, 90, 60, "cancelled")]),
    "a test is not cancelled": (
        (FIRST,), Talk([(0, "customer"), (30, "agent")], columns={"is_test": True}),
        [("first_reply", 0, 60, 30, None, "met")]),
    # --- working hours: Monday to Friday 09:00 to 17:00, 480 minutes a day ---
    "over night": (  # 30 minutes on Monday from 16:30, 30 on Tuesday from 09:00
        (OFFICE_1H,), Talk([(450, "customer"), (DAY + 40, "agent")], columns={"created_at": START + timedelta(minutes=450)}),
        [("first_reply", 450, DAY + 30, DAY + 40, DAY + 30, "breached")]),
    "over a weekend": (  # asked on Saturday at 09:00
        (OFFICE_1H,),
        Talk([(5 * DAY, "customer"), (7 * DAY + 60, "agent")], columns={"created_at": START + timedelta(days=5)}),
        [("first_reply", 5 * DAY, 7 * DAY + 60, 7 * DAY + 60, None, "met")]),
    "pending over night": (  # 60 minutes until pending, none at night, 60 on Tuesday from 10:00
        (OFFICE_2H,), Talk(changes=[status(60, "pending"), status(DAY + 60, "open"), status(DAY + 120, "solved")]),
        [("resolution", 0, DAY + 120, DAY + 120, None, "met")]),
    "solved at night": (  # 60 minutes were left at 18:00: Tuesday 10:00
        (OFFICE_2H,), Talk(changes=[status(420, "open"), status(540, "solved")], columns={"created_at": AT_420}),
        [("resolution", 420, DAY + 60, 540, None, "met")]),
}  # fmt: skip


@pytest.fixture(scope="module")
def world(_own_machine: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlaWorld]:
    """Every case in a source of its own, with its own targets."""
    root = tmp_path_factory.mktemp("sla")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SUPPORTLENS_NOW", NOW.isoformat())
        made = SlaWorld(Home(root))
        goals = []
        for name, (targets, talk, _) in CASES.items():
            made.agents(name)
            made.talk(name, talk)
            goals += [{**target, "sources": [name]} for target in targets]
        made.with_goals(*goals)
        made.enrich()
        yield made
        made.writer.close()


def test_there_are_many_cases() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize("name", CASES)
def test_by_hand(world: SlaWorld, name: str) -> None:
    assert [told(row, NOW) for row in world.instances(name)] == CASES[name][2]


@pytest.mark.parametrize(
    ("name", "policy"),
    [("in time", "first reply 1h"), ("a downgrade in time", "low first reply 8h"),
     ("a breach stays after a downgrade", "low first reply 8h"), ("lost after the breach", "urgent first reply 1h"),
     ("an upgrade past its time, replied at once", "normal first reply 4h")],
)  # fmt: skip
def test_the_policy_is_that_of_the_end(world: SlaWorld, name: str, policy: str) -> None:
    assert [row["policy"] for row in world.instances(name)] == [policy]


def test_why_an_instance_was_cancelled(world: SlaWorld) -> None:
    reasons = {
        name: [(row["cancelled_because"], row["is_counted"], row["excluded_because"]) for row in world.instances(name)]
        for name in ("merged, though replied before", "spam", "deleted, and late", "the policy was lost",
                     "a test is not cancelled")
    }  # fmt: skip
    assert reasons == {
        "merged, though replied before": [("merged", False, "merged")],
        "spam": [("spam", False, "spam")],
        "deleted, and late": [("deleted", False, "deleted")],
        "the policy was lost": [("policy", True, None)],
        "a test is not cancelled": [(None, False, "test")],
    }


def test_instances_of_one_metric_are_numbered(world: SlaWorld) -> None:
    assert [row["instance_no"] for row in world.instances("two turns")] == [1, 2]
    keys = "count(*) - count(DISTINCT (source_id, conversation_id, sla_metric, instance_no))"
    assert world.writer.query(f"SELECT {keys} AS twice FROM sla_instances")["twice"][0].as_py() == 0


def test_the_calendar_and_the_length_are_told(world: SlaWorld) -> None:
    (row,) = world.instances("over night")
    assert (row["calendar"], row["target_s"], row["policy"]) == ("office", 3600, "first reply 1h")
    (row,) = world.instances("in time")
    assert (row["calendar"], row["target_s"]) == (None, 3600)


def test_local_times_are_those_of_the_zone(home: Home) -> None:
    world = SlaWorld(home, "Europe/Berlin")
    world.with_goals(FIRST)
    world.talk("s", CASES["a minute late"][1])
    world.enrich()
    (row,) = world.instances("s")
    for name in ("due", "ended", "breached"):
        utc = row[f"{name}_at"].replace(tzinfo=None)
        assert row[f"{name}_local"] - utc == timedelta(hours=1), name
