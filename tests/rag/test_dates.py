from datetime import date

import pytest

from core.filters import Period
from rag.dates import Calendar, find_periods

CALENDAR = Calendar(date(2026, 11, 16), date(2025, 8, 1), date(2026, 11, 15))


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("Why was sentiment negative on Oct 31?", "2026-10-31", "2026-10-31"),
        ("on October 31st", "2026-10-31", "2026-10-31"),
        ("am 31.10. war viel los", "2026-10-31", "2026-10-31"),
        ("on 2026-10-31", "2026-10-31", "2026-10-31"),
        ("Oct 31, 2025", "2025-10-31", "2025-10-31"),
        ("10/31/2026", "2026-10-31", "2026-10-31"),
        ("Dec 25", "2025-12-25", "2025-12-25"),
        ("volume last week", "2026-11-09", "2026-11-15"),
        ("yesterday", "2026-11-15", "2026-11-15"),
        ("in October", "2026-10-01", "2026-10-31"),
        ("in December", "2025-12-01", "2025-12-31"),
        ("last 7 days", "2026-11-09", "2026-11-15"),
        ("past two weeks", "2026-11-02", "2026-11-15"),
        ("last nine days", "2026-11-07", "2026-11-15"),
        ("the past eleven days", "2026-11-05", "2026-11-15"),
        ("in the last sixteen days", "2026-10-31", "2026-11-15"),
        ("last twenty-one days", "2026-10-26", "2026-11-15"),
        ("over the last couple of days", "2026-11-14", "2026-11-15"),
        ("the next nine days", "2026-11-16", "2026-11-24"),
        ("this month", "2026-11-01", "2026-11-30"),
        ("last quarter", "2026-07-01", "2026-09-30"),
        ("between Oct 1 and Oct 15", "2026-10-01", "2026-10-15"),
        ("from 1 October to 15 October 2025", "2025-10-01", "2025-10-15"),
        ("since Oct 1", "2026-10-01", "2026-11-15"),
        ("in 2019", "2019-01-01", "2019-12-31"),
        ("last monday", "2026-11-09", "2026-11-09"),
        ("week of 2 November 2026", "2026-11-02", "2026-11-08"),
        ("the week of November 3rd, 2025", "2025-11-03", "2025-11-09"),
        ("week of Oct 26", "2026-10-26", "2026-11-01"),
    ],
)
def test_a_period_is_read(text: str, start: str, end: str) -> None:
    assert [found.period for found in find_periods(text, CALENDAR)] == [Period(day(start), day(end))]


@pytest.mark.parametrize(
    "text", ["may we see the top 10", "order 1234.56 failed", "", "version 3.11.7", "on Feb 31"]
)
def test_what_is_no_date_stays_unread(text: str) -> None:
    assert find_periods(text, CALENDAR) == []


def test_the_year_of_a_week_belongs_to_its_words() -> None:
    (found,) = find_periods("reopens in the week of 2 November 2025", CALENDAR)
    assert found.text == "week of 2 november 2025"


def test_a_day_without_a_year_says_which_year_was_taken() -> None:
    (found,) = find_periods("on Oct 31", CALENDAR)
    assert found.assumption == "Oct 31 is taken as 2026-10-31, the latest in the data."


def test_relative_words_count_from_the_end_of_old_data() -> None:
    old = Calendar(date(2026, 11, 16), date(2010, 1, 1), date(2010, 6, 30))
    (found,) = find_periods("last 7 days", old)
    assert found.period == Period(date(2010, 6, 24), date(2010, 6, 30))
    assert found.assumption is not None and "2010-06-30" in found.assumption


def test_two_periods_stay_apart() -> None:
    found = find_periods("volume this month vs last month", CALENDAR)
    assert [f.period.start for f in found] == [date(2026, 11, 1), date(2026, 10, 1)]
