"""When a digest is due: on its days, at its wall-clock time, also on days on which the clock jumps."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from alerts.timetable import Timetable
from core.errors import InputError

BERLIN = "Europe/Berlin"


def table(every: str = "day", on: int = 1, at: str = "08:00", zone: str = BERLIN) -> Timetable:
    return Timetable.of({"every": every, "on": on, "at": at, "zone": zone})


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("timetable", "now", "last", "following"),
    [
        # A plain winter week: 08:00 in Berlin is 07:00 UTC.
        (table("week", 1), utc(2026, 11, 16, 7, 0), utc(2026, 11, 16, 7, 0), utc(2026, 11, 23, 7, 0)),
        (table("week", 1), utc(2026, 11, 16, 6, 59), utc(2026, 11, 9, 7, 0), utc(2026, 11, 16, 7, 0)),
        # From Friday to Monday.
        (table("workday"), utc(2026, 11, 14, 12, 0), utc(2026, 11, 13, 7, 0), utc(2026, 11, 16, 7, 0)),
        # Day 31, or the last one: February, and April after March.
        (table("month", 31), utc(2026, 3, 1, 0, 0), utc(2026, 2, 28, 7, 0), utc(2026, 3, 31, 6, 0)),
        (table("month", 31), utc(2026, 4, 15, 0, 0), utc(2026, 3, 31, 6, 0), utc(2026, 4, 30, 6, 0)),
        # 29 March 2026: at 02:00 the clock jumps to 03:00. 02:30 comes half an hour after the jump: 03:30 is 01:30 UTC.
        (table(at="02:30"), utc(2026, 3, 29, 1, 29), utc(2026, 3, 28, 1, 30), utc(2026, 3, 29, 1, 30)),
        (table(at="02:30"), utc(2026, 3, 29, 1, 30), utc(2026, 3, 29, 1, 30), utc(2026, 3, 30, 0, 30)),
        # 25 October 2026: 02:30 comes twice, at 00:30 and 01:30 UTC; the first counts.
        (table(at="02:30"), utc(2026, 10, 25, 1, 45), utc(2026, 10, 25, 0, 30), utc(2026, 10, 26, 1, 30)),
        # The day of the zone, not that of UTC.
        (table(zone="Pacific/Kiritimati", at="00:10"), utc(2026, 11, 16, 10, 10), utc(2026, 11, 16, 10, 10),
         utc(2026, 11, 17, 10, 10)),
    ],
)  # fmt: skip
def test_the_time_before_and_the_time_after(
    timetable: Timetable, now: datetime, last: datetime, following: datetime
) -> None:
    assert timetable.last(now).at == last
    assert timetable.next(now).at == following


def test_a_day_is_that_of_the_zone() -> None:
    assert table(zone="Pacific/Kiritimati", at="00:10").last(utc(2026, 11, 16, 10, 10)).day == date(
        2026, 11, 17
    )


@given(
    every=some.sampled_from(["day", "workday", "week", "month"]),
    on=some.integers(1, 7),
    minute=some.integers(0, 24 * 60 - 1),
    zone=some.sampled_from(
        [BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca"]
    ),
    minutes=some.integers(0, 4 * 366 * 24 * 60),
)
def test_between_the_last_and_the_next_there_is_nothing(
    every: str, on: int, minute: int, zone: str, minutes: int
) -> None:
    now = utc(2024, 1, 1) + timedelta(minutes=minutes)
    timetable = table(every, on, f"{minute // 60:02}:{minute % 60:02}", zone)
    last, following = timetable.last(now), timetable.next(now)
    assert last.at <= now < following.at
    assert last.day < following.day
    assert timetable.next(last.at) == following and timetable.last(following.at) == following
    assert timetable.last(following.at - timedelta(seconds=1)) == last


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"every": "hour"}, "every cannot be"), ({"on": 8}, "on cannot be"), ({"on": True}, "on cannot be"),
        ({"every": "month", "on": 32}, "on cannot be"), ({"at": "8 o'clock"}, "no time of the day"),
        ({"at": "08:00:30"}, "no time of the day"), ({"at": "25:00"}, "no time of the day"),
        ({"at": "08:00+02:00"}, "no time of the day"), ({"zone": "Mars/Olympus"}, "no time zone"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(said: dict, words: str) -> None:
    with pytest.raises(InputError, match=words):
        Timetable.of(said)


def test_in_words_and_kept() -> None:
    assert table("week", 5).words() == "every Friday at 08:00 (Europe/Berlin)"
    assert table("workday").words() == "Monday to Friday at 08:00 (Europe/Berlin)"
    assert table("month", 31).words() == "on day 31 of each month, or its last at 08:00 (Europe/Berlin)"
    assert table("month", 3).words() == "on day 3 of each month at 08:00 (Europe/Berlin)"
    for one in (table(), table("week", 7), table("month", 31, "23:59", "UTC")):
        assert Timetable.of(one.plain()) == one
