from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from core.opening_hours import week_of
from core.settings import Settings

NINE, FIVE = 9 * 60, 17 * 60


def minutes(day: int, start: int, end: int) -> tuple[int, int]:
    """One interval of a day of the week, Sunday being 0."""
    return day * 1440 + start, day * 1440 + end


@pytest.mark.parametrize(
    ("hours", "week"),
    [
        ({}, ()),
        ({"sun": "09:00-17:00"}, (minutes(0, NINE, FIVE),)),
        ({"Saturday": "9:00–17:00"}, (minutes(6, NINE, FIVE),)),
        ({"mon-wed": "09:00-17:00"}, tuple(minutes(day, NINE, FIVE) for day in (1, 2, 3))),
        ({"sat-mon": "09:00-17:00"}, tuple(minutes(day, NINE, FIVE) for day in (6, 0, 1))),
        ({"mon, wed": "09:00-17:00"}, tuple(minutes(day, NINE, FIVE) for day in (1, 3))),
        ({"fri": "09:00-12:00, 13:00-17:00"}, (minutes(5, NINE, 720), minutes(5, 780, FIVE))),
        ({"tue": "00:00-24:00"}, (minutes(2, 0, 1440),)),
        ({"sat": "22:00-06:00"}, (minutes(6, 1320, 1800),)),
        ({"sat": "22:00-00:00"}, (minutes(6, 1320, 1440),)),
    ],
)
def test_hours_of_days_become_minutes_of_the_week(hours: dict[str, str], week: tuple[Any, ...]) -> None:
    assert week_of(hours) == week


@pytest.mark.parametrize("days", ["", "moon", "mon-", "monfri", "1-5", "mon-fri-sun", "weekdays", "mon,,tue"])
def test_other_words_for_days_are_refused(days: str) -> None:
    with pytest.raises(ValueError, match="is not a range of days"):
        week_of({days: "09:00-17:00"})


@pytest.mark.parametrize(
    "span",
    ["", "9-17", "09:00", "09:00-09:00", "25:00-26:00", "24:00-24:00", "09:60-10:00", "09:00-24:01", "09:00-10:00,"],
)  # fmt: skip
def test_other_words_for_hours_are_refused(span: str) -> None:
    with pytest.raises(ValueError, match="is not a span of hours"):
        week_of({"mon": span})


@pytest.mark.parametrize("code", ["FR", "GB-ENG", "US-CA", None])
def test_codes_of_public_holidays(code: str | None) -> None:
    settings = Settings(calendars=[{"name": "a", "hours": {}, "holidays": code}])
    assert settings.calendars[0].holidays == code


@pytest.mark.parametrize("code", ["XX", "GB-XX", "gb", "HolidayBase", "", "-", "1", "GB ENG", "🎄"])
def test_unknown_holidays_are_refused_in_our_words(code: str) -> None:
    with pytest.raises(ValidationError, match="there is no list of public holidays for"):
        Settings(calendars=[{"name": "a", "hours": {}, "holidays": code}])


def test_two_tables_of_one_calendar_begin_on_different_days() -> None:
    twice: list[dict[str, Any]] = [{"name": "a", "hours": {}}, {"name": "a", "hours": {}}]
    with pytest.raises(ValidationError, match="two tables of the calendar a begin on the same day"):
        Settings(calendars=twice)
    twice[1]["valid_from"] = date(2026, 4, 1)
    assert len(Settings(calendars=twice).calendars) == 2


def test_the_name_of_a_calendar_cannot_be_that_of_a_sources_schedule() -> None:
    with pytest.raises(ValidationError, match=r"calendars\.0\.name"):
        Settings(calendars=[{"name": "zendesk/12", "hours": {}}])
