"""Whose hours a conversation follows, what a refresh writes of them, and the facts that come of it."""

from __future__ import annotations

import pytest

from tests.enrich.hours_world import WEEKDAYS, Hours, conversation, day, office, utc, worked_hours
from tests.enrich.world import at

# --- whose hours a conversation follows ---


def test_without_a_history_the_most_specific_calendar_of_the_settings_counts(hours: Hours) -> None:
    hours.use(
        calendars=[
            office("everybody"),
            office("this source", sources=["s"]),
            office("billing", teams=["Billing"]),
            office("both", teams=["Refunds"], sources=["s", "t"]),
            office("elsewhere", teams=["Refunds"], sources=["t"]),
        ]
    )
    hours.rows("teams", {"team_id": "1", "name": "Billing"}, {"team_id": "2", "name": "Refunds"})
    for key, team in (
        ("billing", "1"),
        ("refunds", "2"),
        ("named by id", "Billing"),
        ("other", "3"),
        ("none", None),
    ):
        conversation(hours, key, team_id=team)
    conversation(hours, "foreign", source_id="t")
    hours.refresh()
    told = {
        key: hours.follows(key) for key in ("billing", "refunds", "named by id", "other", "none", "foreign")
    }
    assert told == {
        "billing": ["billing"], "refunds": ["both"], "named by id": ["billing"],
        "other": ["this source"], "none": ["this source"], "foreign": ["everybody"],
    }  # fmt: skip


def test_a_sources_own_first_usable_schedule_comes_before_a_calendar_for_everybody(hours: Hours) -> None:
    hours.use(calendars=[office("everybody"), office("second")])
    for key, columns in (("10", {}), ("9", {}), ("8", {"is_deleted": True}), ("7", {"iana_tz": None})):
        hours.schedule(key, WEEKDAYS, **columns)
    conversation(hours)
    conversation(hours, "foreign", source_id="t")
    hours.refresh()
    assert hours.follows("c") == ["s/9"]
    assert hours.follows("foreign") == ["everybody"]


def test_tables_of_one_name_say_together_whom_they_are_for(hours: Hours) -> None:
    hours.use(calendars=[office(teams=["1"]), office(teams=["2"], valid_from=day("2026-04-01"))])
    conversation(hours, "a", team_id="1")
    conversation(hours, "b", team_id="2")
    conversation(hours, "c", team_id="3")
    hours.refresh()
    assert [hours.follows(key) for key in "abc"] == [["office"], ["office"], []]


def test_the_history_names_schedules_by_id_or_title_and_calendars_of_the_settings(hours: Hours) -> None:
    hours.use(calendars=[office()])
    hours.schedule("7", WEEKDAYS, name="Night desk")
    hours.schedule("8", WEEKDAYS, source_id="t", name="Day desk")
    conversation(hours)
    for minute, value in enumerate(("7", "office", " Night desk ", "Day desk", "8")):
        hours.move("c", at(minute), value)
    hours.refresh()
    assert hours.follows("c") == ["s/7", "office", "s/7", "s/Day desk", "s/8"]


def test_before_the_first_change_the_value_that_was_replaced_counts(hours: Hours) -> None:
    for key in ("a", "b", "default"):
        hours.schedule(key, WEEKDAYS)
    conversation(hours, "told")
    conversation(hours, "not told")
    conversation(hours, "cleared")
    hours.move("told", at(5), "b", "default")
    hours.move("not told", at(5), "b")
    hours.move("cleared", at(5), "b")
    hours.move("cleared", at(6), "", "b")
    hours.refresh()
    assert hours.follows("told") == ["s/default", "s/b"]
    assert hours.follows("not told") == ["s/b"]
    assert hours.follows("cleared") == ["s/b", "s/a"], "a cleared value gives way to the default"


def test_changes_in_order_of_the_log_with_a_clock_that_runs_backwards(hours: Hours) -> None:
    for key in ("a", "b", "c"):
        hours.schedule(key, WEEKDAYS)
    conversation(hours)
    hours.move("c", at(10), "b", "a")
    hours.move("c", at(3), "c", "b")
    hours.move("c", at(4), "a", "c", is_deleted=True)
    hours.refresh()
    assert hours.follows("c") == ["s/a", "s/c"]
    rows = hours.writer.query(
        "SELECT from_at, to_at FROM batch_calendars WHERE isfinite(from_at)"
    ).to_pylist()
    assert rows == [{"from_at": at(10), "to_at": None}], "of one instant the last counts"


def test_working_time_goes_on_where_one_calendar_takes_over(hours: Hours) -> None:
    hours.schedule("day", ((1980, 2460),))  # Monday nine to five
    hours.schedule("late", ((2280, 2760),))  # Monday two to ten
    conversation(hours)
    hours.move("c", utc("2026-03-02 15:00"), "late", "day")
    hours.move("c", utc("2026-03-02 16:00"), "day", "late")
    hours.refresh()
    assert hours.minutes(utc("2026-03-02 09:00"), utc("2026-03-02 23:00")) == 8 * 60
    assert hours.minutes(utc("2026-03-02 14:30"), utc("2026-03-02 16:30")) == 120
    assert hours.minutes_single(utc("2026-03-02 09:00"), utc("2026-03-02 15:30")) == 90, (
        "by the late hours alone"
    )
    assert hours.minutes_single(utc("2026-03-02 09:00"), utc("2026-03-02 14:59")) == 359


def test_after_hours_that_are_not_known_nothing_is_made_up(hours: Hours) -> None:
    hours.schedule("a", WEEKDAYS)
    conversation(hours)
    hours.move("c", utc("2026-03-03 12:00"), "gone", "a")
    hours.move("c", utc("2026-03-04 12:00"), "a", "gone")
    hours.refresh()
    assert hours.follows("c") == ["s/a", "s/gone", "s/a"]
    assert hours.minutes(utc("2026-03-02 09:00"), utc("2026-03-03 11:00")) == 600
    assert hours.minutes(utc("2026-03-02 09:00"), utc("2026-03-03 13:00")) is None
    assert hours.minutes(utc("2026-03-03 11:00"), utc("2026-03-05 11:00")) is None, (
        "not the known parts alone"
    )


# --- what a refresh writes, and whom it wakes ---


def test_calendars_that_did_not_change_are_not_written_again(hours: Hours) -> None:
    hours.use(calendars=[office()])
    conversation(hours)
    hours.refresh()
    hours.writer.execute("DELETE FROM dirty_conversations")
    hours.writer.execute("UPDATE calendars SET title = 'kept'")
    hours.refresh()
    assert hours.table("calendars")[0]["title"] == "kept"
    assert hours.marked() == set()


def test_a_change_marks_the_conversations_that_may_follow_it(hours: Hours) -> None:
    hours.use(calendars=[office()])
    hours.schedule("7", WEEKDAYS)
    conversation(hours)
    conversation(hours, source_id="t")
    hours.refresh()
    assert hours.marked() == {("s", "c"), ("t", "c")}

    hours.writer.execute("DELETE FROM dirty_conversations")
    hours.writer.execute("""UPDATE schedules SET intervals = '[[0, 60]]'""")
    hours.refresh()
    assert hours.marked() == {("s", "c")}, "the source's own conversations"

    hours.writer.execute("DELETE FROM dirty_conversations")
    hours.use(calendars=[])
    hours.refresh()
    assert hours.marked() == {("s", "c"), ("t", "c")}, "the settings are for all"
    assert [row["calendar"] for row in hours.table("calendars")] == ["s/7"]


def test_older_conversations_and_later_years_widen_what_is_covered(
    hours: Hours, monkeypatch: pytest.MonkeyPatch
) -> None:
    hours.use(calendars=[office()])
    conversation(hours)
    hours.refresh()
    hours.writer.execute("DELETE FROM dirty_conversations")
    assert worked_hours(hours, "2020-01-06", "2020-01-07") is None
    assert worked_hours(hours, "2029-12-31", "2030-01-01") == 8.5
    assert worked_hours(hours, "2029-12-31", "2030-01-02") is None
    conversation(hours, "old", created_at=utc("2020-06-01"))
    hours.refresh()
    assert worked_hours(hours, "2020-01-06", "2020-01-07") == 8.5
    monkeypatch.setenv("SUPPORTLENS_NOW", "2027-02-01T00:00:00+00:00")
    hours.refresh()
    assert worked_hours(hours, "2029-12-31", "2030-01-02") == 17
    assert worked_hours(hours, "2020-01-06", "2020-01-07") == 8.5
    assert hours.marked() == set(), "differences of working time stay what they are"


def test_stretches_are_in_order_and_count_what_lies_before_them(hours: Hours) -> None:
    hours.use(calendars=[office(), office("always", hours={"sun-sat": "00:00-24:00"})])
    hours.refresh()
    rows = hours.writer.query("""
        SELECT calendar, count(*) AS n, count(DISTINCT starts_at) AS starts, bool_and(starts_at <= ends_at) AS forward,
          bool_and(coalesce(worked_before_us = before + length, worked_before_us = 0)) AS adds_up
        FROM (SELECT *, lag(worked_before_us) OVER w AS before, lag(epoch_us(ends_at) - epoch_us(starts_at)) OVER w AS length
          FROM business_hours WINDOW w AS (PARTITION BY calendar ORDER BY starts_at))
        GROUP BY ALL ORDER BY ALL""").to_pylist()
    assert [row["calendar"] for row in rows] == ["always", "office"]
    assert all(row["n"] == row["starts"] and row["forward"] and row["adds_up"] for row in rows)
    assert rows[0]["n"] == 2, "one stretch that never ends, and where it is no longer known"


# --- the facts of a refresh ---


def test_facts_follow_calendars_as_they_change(hours: Hours) -> None:
    hours.use(calendars=[office()])
    hours.conversation("c", (0, "customer", "x"), (26 * 60, "agent", "y"))  # Monday 9:00 to Tuesday 11:00
    hours.conversation("d", (0, "customer", "x"), (60, "agent", "y"), source_id="t")
    facts = hours.facts("c")
    assert (facts["calendar"], facts["first_reply_s"]) == ("office", 26 * 3600)
    assert facts["first_reply_business_s"] == 10.5 * 3600

    hours.use(calendars=[office(closed=[day("2026-03-02")])])
    hours.enrich()
    assert hours.facts("c")["first_reply_business_s"] == 2 * 3600
    assert hours.facts("d", "t")["first_reply_business_s"] == 0

    hours.schedule("7", ((1440 + 540, 1440 + 600),))  # the source's own: an hour on Monday
    hours.use(calendars=[office("named", sources=["t"])])
    hours.enrich()
    facts = hours.facts("c")
    assert (facts["calendar"], facts["first_reply_business_s"]) == ("s/7", 3600)
    assert hours.facts("d", "t")["first_reply_business_s"] == 3600

    hours.writer.execute("DELETE FROM schedules")
    hours.enrich()
    facts = hours.facts("c")
    assert (facts["calendar"], facts["first_reply_business_s"]) == (None, None)
    assert facts["first_reply_s"] == 26 * 3600


def test_sums_of_waiting_with_hours_that_are_not_known_are_not_known(hours: Hours) -> None:
    hours.schedule("7", ((0, 7 * 1440),))
    for key in ("known", "lost"):
        hours.conversation(key, (0, "customer", "x"))
        hours.statuses(key, (0, "new"), (60, "pending"), (120, "open"), (180, "solved"))
        hours.move(key, at(0), "7")
    hours.move("lost", at(90), "gone", "7")
    known, lost = hours.facts("known"), hours.facts("lost")
    assert (known["agent_work_business_s"], known["agent_wait_business_s"]) == (2 * 3600, 3600)
    assert (lost["agent_work_business_s"], lost["agent_wait_business_s"]) == (None, None)
    assert lost["agent_work_s"] == 2 * 3600
