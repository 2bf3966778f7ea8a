"""Weekly hours as stretches of UTC. The days and instants are those of the zones' published changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.opening_hours import Week, week_of
from enrich.stretches import Hours, instant, seconds_between, stretches
from tests.enrich.hours_reference import is_open, minutes

# A zone, its two days of 2026 on which the clock changes, and how long the first and the second are.
CHANGES = [
    ("Europe/London", "2026-03-29", 23.0, "2026-10-25", 25.0),
    ("America/New_York", "2026-03-08", 23.0, "2026-11-01", 25.0),
    ("Australia/Lord_Howe", "2026-10-04", 23.5, "2026-04-05", 24.5),
    ("America/Havana", "2026-03-08", 23.0, "2026-11-01", 25.0),  # at midnight
    ("America/St_Johns", "2026-03-08", 23.0, "2026-11-01", 25.0),
]
ALL_DAY: Week = ((0, 7 * 1440),)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def hours_of(day: str, zone: str, week: Week) -> float:
    """Working hours of one local date."""
    local = date.fromisoformat(day)
    begin, end = (instant(d, 0, ZoneInfo(zone)) for d in (local, local + timedelta(days=1)))
    return seconds_between(stretches([Hours(zone, week)], begin, end), begin, end) / 3600


@pytest.mark.parametrize(("zone", "short", "short_h", "long", "long_h"), CHANGES)
def test_days_on_which_the_clock_changes_have_their_length(
    zone: str, short: str, short_h: float, long: str, long_h: float
) -> None:
    assert hours_of(short, zone, ALL_DAY) == short_h
    assert hours_of(long, zone, ALL_DAY) == long_h


@pytest.mark.parametrize(("zone", "short", "short_h", "long", "long_h"), CHANGES)
def test_office_hours_are_as_long_as_ever_on_those_days(
    zone: str, short: str, short_h: float, long: str, long_h: float
) -> None:
    office = week_of({"sun-sat": "09:00-17:30"})
    assert hours_of(short, zone, office) == hours_of(long, zone, office) == 8.5
    night = week_of({"sat": "22:00-06:00"})
    before, after = (date.fromisoformat(short) + timedelta(days=n) for n in (-1, 1))
    begin, end = (instant(day, 720, ZoneInfo(zone)) for day in (before, after))
    found = stretches([Hours(zone, night)], begin, end)
    assert len(found) == 1, "Saturday night is one stretch"
    assert seconds_between(found, begin, end) / 3600 == 8 - (24 - short_h)


@pytest.mark.parametrize(
    ("zone", "day", "minute", "expected"),
    [
        ("Europe/London", "2026-03-29", 59, "2026-03-29 00:59"),
        ("Europe/London", "2026-03-29", 60, "2026-03-29 01:00"),  # does not exist
        ("Europe/London", "2026-03-29", 90, "2026-03-29 01:00"),  # does not exist
        ("Europe/London", "2026-03-29", 120, "2026-03-29 01:00"),
        ("Europe/London", "2026-10-25", 90, "2026-10-25 00:30"),  # comes twice
        ("Europe/London", "2026-10-25", 120, "2026-10-25 02:00"),
        ("Australia/Lord_Howe", "2026-10-04", 135, "2026-10-03 15:30"),  # does not exist
        ("America/Sao_Paulo", "2018-11-04", 0, "2018-11-04 03:00"),  # the day begins at one
        ("America/Sao_Paulo", "2018-11-03", 1440, "2018-11-04 03:00"),
        ("Pacific/Apia", "2011-12-30", 0, "2011-12-30 10:00"),  # a date that was left out
        ("Pacific/Apia", "2011-12-30", 1440, "2011-12-30 10:00"),
    ],
)
def test_times_that_do_not_exist_and_times_that_come_twice(
    zone: str, day: str, minute: int, expected: str
) -> None:
    assert instant(date.fromisoformat(day), minute, ZoneInfo(zone)) == utc(expected)


def test_hours_that_overlap_or_touch_are_one_stretch() -> None:
    week = ((540, 720), (600, 780), (780, 1020))
    found = stretches([Hours("UTC", week)], utc("2026-03-01"), utc("2026-03-02"))
    assert found == [(utc("2026-03-01 09:00"), utc("2026-03-01 17:00"))]


def test_hours_go_round_the_end_of_the_week() -> None:
    week = ((6 * 1440 + 1320, 7 * 1440 + 360),)
    found = stretches([Hours("UTC", week)], utc("2026-03-07"), utc("2026-03-09"))
    assert found == [(utc("2026-03-07 22:00"), utc("2026-03-08 06:00"))]


def test_a_closed_day_closes_its_own_date_only() -> None:
    night = Hours("UTC", week_of({"mon-tue": "22:00-06:00"}), frozenset({date(2026, 3, 3)}))  # a Tuesday
    found = stretches([night], utc("2026-03-02"), utc("2026-03-06"))
    assert found == [
        (utc("2026-03-02 22:00"), utc("2026-03-03 00:00")),
        (utc("2026-03-04"), utc("2026-03-04 06:00")),
    ]


def test_a_version_holds_from_its_instant_to_its_end() -> None:
    old = Hours("UTC", week_of({"mon-fri": "09:00-17:00"}), until=utc("2026-03-03 12:00"))
    new = Hours("UTC", week_of({"mon-fri": "14:00-20:00"}), since=utc("2026-03-03 12:00"))
    found = stretches([old, new], utc("2026-03-02"), utc("2026-03-05"))
    assert found == [
        (utc("2026-03-02 09:00"), utc("2026-03-02 17:00")),
        (utc("2026-03-03 09:00"), utc("2026-03-03 12:00")),
        (utc("2026-03-03 14:00"), utc("2026-03-03 20:00")),
        (utc("2026-03-04 14:00"), utc("2026-03-04 20:00")),
    ]


def test_ten_years_of_one_calendar_are_a_few_thousand_stretches() -> None:
    office = Hours("Europe/London", week_of({"mon-fri": "09:00-17:30"}))
    found = stretches([office], utc("2019-01-01"), utc("2029-01-01"))
    assert len(found) == 2609
    assert all(stop - start == timedelta(hours=8.5) for start, stop in found)


def test_a_reversed_interval_is_an_error_and_an_empty_one_is_zero() -> None:
    found = stretches([Hours("UTC", ALL_DAY)], utc("2026-03-02"), utc("2026-03-05"))
    noon, later = utc("2026-03-03 12:00"), utc("2026-03-03 12:00:09.9")
    assert seconds_between(found, noon, noon) == 0
    assert seconds_between(found, noon, later) == 9
    with pytest.raises(ValueError, match="ends before it starts"):
        seconds_between(found, later, noon)


spans = st.tuples(st.integers(0, 7 * 1440 - 1), st.integers(1, 2 * 1440)).map(lambda s: (s[0], s[0] + s[1]))


@settings(max_examples=30, deadline=None)
@given(
    change=st.sampled_from([(zone, day) for zone, first, _, second, _ in CHANGES for day in (first, second)]),
    week=st.lists(spans, max_size=5).map(tuple),
    closed=st.sets(st.integers(-1, 2)),
    offsets=st.tuples(st.integers(-1500, 2500), st.integers(0, 2000)),
)
def test_around_a_change_of_the_clock_every_minute_is_as_the_wall_clock_says(
    change: tuple[str, str], week: Week, closed: set[int], offsets: tuple[int, int]
) -> None:
    zone, day = change[0], date.fromisoformat(change[1])
    days_off = frozenset(day + timedelta(days=n) for n in closed)
    start = datetime.combine(day, datetime.min.time(), UTC) + timedelta(minutes=offsets[0])
    end = start + timedelta(minutes=offsets[1])
    found = stretches([Hours(zone, week, days_off)], start, end)
    expected = minutes(start, end, lambda moment: is_open(moment, zone, week, days_off))
    assert seconds_between(found, start, end) == expected * 60
    assert all(stop > begun for begun, stop in found)
    assert all(a[1] < b[0] for a, b in pairwise(found))
