"""Which calendars there are, and which are not used and why."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.enrich.hours_world import MONDAY, WEEKDAYS, Hours, conversation, day, office, utc, worked_hours
from tests.enrich.world import at

# --- what calendars there are ---


def test_calendars_are_those_of_the_settings_and_of_the_sources(hours: Hours) -> None:
    hours.use(calendars=[office()])
    hours.schedule("7", WEEKDAYS, "America/New_York", name="Night desk")
    hours.refresh()
    told = {
        row["calendar"]: (
            row["source_id"],
            row["schedule_id"],
            row["title"],
            row["zone"],
            row["is_usable"],
            row["reason"],
        )
        for row in hours.table("calendars")
    }
    assert told == {
        "office": (None, None, "office", "Europe/London", True, None),
        "s/7": ("s", "7", "Night desk", "America/New_York", True, None),
    }
    assert worked_hours(hours, "2026-03-02", "2026-03-09", "s/7") == 40


def test_public_holidays_and_further_days_off(hours: Hours) -> None:
    hours.use(calendars=[office(holidays="GB-ENG", closed=[day("2026-12-24")])])
    hours.refresh()
    assert worked_hours(hours, "2026-04-03", "2026-04-04") == 0, "Good Friday"
    assert worked_hours(hours, "2026-04-06", "2026-04-07") == 0, "Easter Monday in England"
    assert worked_hours(hours, "2026-04-07", "2026-04-08") == 8.5
    assert worked_hours(hours, "2026-12-24", "2026-12-25") == 0
    hours.use(calendars=[office(holidays="GB-SCT")])
    hours.refresh()
    assert worked_hours(hours, "2026-04-06", "2026-04-07") == 8.5, "no holiday in Scotland"


def test_a_holiday_that_covers_a_week(hours: Hours) -> None:
    hours.schedule("7", WEEKDAYS, closed=[(day("2026-03-09"), day("2026-03-15"))])
    hours.refresh()
    assert worked_hours(hours, "2026-03-09", "2026-03-16", "s/7") == 0
    assert worked_hours(hours, "2026-03-02", "2026-03-23", "s/7") == 80
    assert hours.due("s/7", utc("2026-03-06 16:00"), 61) == utc("2026-03-16 09:01")


def test_a_calendar_of_the_settings_that_changed(hours: Hours) -> None:
    longer = office(hours={"mon-sat": "08:00-18:00"}, valid_from=day("2026-04-01"))
    hours.use(calendars=[longer, office()])
    hours.refresh()
    assert worked_hours(hours, "2026-03-30", "2026-04-01") == 17
    assert worked_hours(hours, "2026-04-01", "2026-04-05") == 40, "Wednesday to Saturday"
    assert len(hours.table("calendars")) == 1


def test_before_the_first_day_of_a_calendar_nothing_is_known(hours: Hours) -> None:
    hours.use(calendars=[office(valid_from=day("2026-03-04"))])
    hours.refresh()
    assert worked_hours(hours, "2026-03-03 12:00", "2026-03-05") is None
    assert worked_hours(hours, "2026-03-04", "2026-03-05") == 8.5, "from its first midnight on"
    assert hours.due("office", utc("2026-03-03 12:00"), 5) is None


def test_versions_of_a_schedule_hold_each_in_its_time(hours: Hours) -> None:
    hours.schedule("7", WEEKDAYS, valid_to=utc("2026-03-04 12:00"))
    hours.schedule("7", ((0, 7 * 1440),), valid_from=utc("2026-03-04 12:00"), valid_to=utc("2026-03-06"))
    hours.refresh()
    assert worked_hours(hours, "2026-03-03", "2026-03-05", "s/7") == 8 + 3 + 12
    assert worked_hours(hours, "2026-03-05", "2026-03-06", "s/7") == 24
    assert worked_hours(hours, "2026-03-05", "2026-03-06 00:00:01", "s/7") is None, "after its end"


def test_between_two_versions_of_a_schedule_nobody_works(hours: Hours) -> None:
    hours.schedule("7", WEEKDAYS, valid_to=utc("2026-03-04"))
    hours.schedule("7", WEEKDAYS, valid_from=utc("2026-03-06"))
    hours.refresh()
    assert worked_hours(hours, "2026-03-03", "2026-03-07", "s/7") == 16


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"iana_tz": None, "native_tz": "Atlantis"}, "its time zone 'Atlantis' is not known"),
        ({"iana_tz": "Mars/Olympus"}, "its time zone 'Mars/Olympus' is not known"),
        ({"iana_tz": None}, "its time zone is not told"),
        ({"intervals": "[]"}, "it has no hours"),
        ({"intervals": None}, "it has no hours"),
        ({"intervals": "[[600, 600]]"}, "it has no hours"),
        ({"intervals": '{"mon": 9}'}, "its hours cannot be read"),
        ({"intervals": "[[2460, 1980]]"}, "its hours cannot be read"),
        ({"intervals": "[[-5, 60]]"}, "its hours cannot be read"),
        ({"intervals": "[[0, 99999]]"}, "its hours cannot be read"),
        ({"intervals": '[["9", "17"]]'}, "its hours cannot be read"),
        ({"intervals": "[[540, null]]"}, "its hours cannot be read"),
        ({"intervals": "[[540, 1020.5]]"}, "its hours cannot be read"),
        ({"intervals": "[[540, true]]"}, "its hours cannot be read"),
        ({"intervals": "[540, 1020]"}, "its hours cannot be read"),
        ({"intervals": '"[[540, 1020]]"'}, "its hours cannot be read"),
    ],
)
def test_a_calendar_that_is_not_used_says_why(
    hours: Hours, columns: dict[str, Any], reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    hours.schedule("7", WEEKDAYS, **columns)
    conversation(hours)
    hours.move("c", MONDAY, "7")
    hours.refresh()
    (row,) = hours.table("calendars")
    assert row["is_usable"] is False
    assert row["reason"].startswith(reason)
    assert "a calendar is not used" in caplog.text
    assert hours.table("business_hours") == []
    assert hours.minutes(at(0), at(60)) is None, "not zero"


@pytest.mark.parametrize(
    ("intervals", "worked"),
    [("[[1980.0, 2460.0]]", 8), ("[[9960, 120], [1980, 2460]]", 8 + 4), ("[[600, 600], [1980, 2460]]", 8)],
    ids=["with a point", "across the end of the week", "one is empty"],
)
def test_hours_as_sources_may_write_them(hours: Hours, intervals: str, worked: int) -> None:
    hours.schedule("7", (), intervals=intervals)
    hours.refresh()
    assert worked_hours(hours, "2026-03-01 12:00", "2026-03-08 12:00", "s/7") == worked


def test_a_calendar_of_the_settings_without_hours_is_not_used(hours: Hours) -> None:
    hours.use(calendars=[office(hours={})])
    conversation(hours)
    hours.refresh()
    (row,) = hours.table("calendars")
    assert (row["is_usable"], row["reason"]) == (False, "it has no hours")
    assert hours.follows("c") == []


@pytest.mark.parametrize(
    "holidays",
    [
        [{"from": "soon"}], [{"name": "x"}], [None], [5], {"from": 1}, "2026-03-03",
        [{"from": "2026-03-04", "to": "2026-03-03"}], [{"from": "2026-03-03", "to": "2999-01-01"}],
    ],
)  # fmt: skip
def test_a_holiday_that_cannot_be_read_is_a_working_day(
    hours: Hours, holidays: Any, caplog: pytest.LogCaptureFixture
) -> None:
    hours.schedule("7", WEEKDAYS, holidays=json.dumps(holidays))
    hours.refresh()
    assert worked_hours(hours, "2026-03-02", "2026-03-07", "s/7") == 40
    assert "a holiday cannot be read" in caplog.text


def test_hostile_rows_do_no_harm(hours: Hours) -> None:
    hours.schedule("' OR 1=1 --", WEEKDAYS, name="🗓️\x00'\"")
    hours.schedule("8", WEEKDAYS, name=None, holidays=None)
    hours.rows("schedules", {"schedule_id": None, "name": "nobody"}, {"schedule_id": "9"})
    hours.writer.execute(
        "UPDATE schedules SET valid_from = '-infinity', valid_to = 'infinity' WHERE schedule_id = '8'"
    )
    conversation(hours)
    conversation(hours, "future", created_at=datetime(9000, 1, 1, tzinfo=UTC))
    conversation(hours, "past", created_at=datetime(1, 1, 2, tzinfo=UTC))
    conversation(hours, "never", created_at=None)
    hours.move("c", MONDAY, "' OR 1=1 --")
    hours.rows(
        "conversation_events",
        {"conversation_id": "c", "event_id": "x", "field": "schedule", "new_value": "8"},
    )
    hours.refresh()
    assert hours.follows("c") == ["s/' OR 1=1 --"]
    assert hours.follows("never") == ["s/8"]
    assert {row["calendar"]: row["title"] for row in hours.table("calendars")}["s/8"] == "8"
    assert hours.minutes(utc("2026-03-02 09:00"), utc("2026-03-02 10:00")) == 60
    assert hours.minutes(datetime(1, 1, 2, tzinfo=UTC), utc("2026-03-02"), "past") is None
    assert hours.minutes(utc("2026-03-02"), datetime(9000, 1, 1, tzinfo=UTC), "future") is None
