"""Working time of whole tables, held against minutes read off the wall clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from core.home import Home
from tests.enrich.hours_world import Hours, day, office

# The published example: two schedules, minutes since Sunday 00:00 UTC.
LONG = ((720, 1560), (2160, 3000), (3600, 4440), (5040, 5880), (6480, 7320), (7920, 8760), (9360, 10200))
SHORT = ((2340, 2910), (3780, 4350), (5220, 5790), (6660, 7230), (8100, 8670))
CREATED = datetime(2020, 9, 29, 17, 1, 38, tzinfo=UTC)
MOVED = datetime(2020, 9, 30, 19, 1, 25, tzinfo=UTC)
REPLIED = datetime(2020, 9, 30, 19, 1, 46, tzinfo=UTC)


@pytest.fixture
def hours(home: Home, now: datetime) -> Iterator[Hours]:
    made = Hours(home)
    yield made
    made.writer.close()


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize("old", [None, "", "long"], ids=["not told", "empty", "told"])
def test_the_published_example_comes_out_in_all_three_ways(hours: Hours, old: str | None) -> None:
    hours.schedule("long", LONG)
    hours.schedule("short", SHORT)
    hours.rows("conversations", {"conversation_id": "c", "created_at": CREATED})
    if old != "long":
        hours.move("c", CREATED, "long", old)
    hours.move("c", MOVED, "short", "long")
    hours.refresh()
    assert hours.follows("c") == ["s/long", "s/short"]
    assert hours.minutes(CREATED, REPLIED) == pytest.approx(960.133, abs=0.0005)
    assert hours.minutes_single(CREATED, REPLIED) == pytest.approx(690.133, abs=0.0005)
    assert hours.minutes_in(None, CREATED, REPLIED) == pytest.approx(1560.133, abs=0.0005)


def test_one_night_and_no_time_at_all_are_zero(hours: Hours) -> None:
    hours.use(calendars=[office()])
    hours.rows("conversations", {"conversation_id": "c", "created_at": instant("2026-03-02 08:00")})
    hours.refresh()
    assert hours.minutes(instant("2026-03-02 18:00"), instant("2026-03-03 08:59")) == 0
    assert hours.minutes(instant("2026-03-02 10:00"), instant("2026-03-02 10:00")) == 0
    assert hours.minutes_single(instant("2026-03-02 10:00"), instant("2026-03-02 10:00")) == 0


def test_a_reversed_interval_is_not_known(hours: Hours) -> None:
    hours.use(calendars=[office()])
    hours.rows("conversations", {"conversation_id": "c", "created_at": instant("2026-03-02 08:00")})
    hours.refresh()
    assert hours.minutes_single(instant("2026-03-03 10:00"), instant("2026-03-02 10:00")) is None


def test_without_a_calendar_nothing_is_known(hours: Hours) -> None:
    hours.rows("conversations", {"conversation_id": "c", "created_at": instant("2026-03-02 08:00")})
    hours.refresh()
    assert hours.follows("c") == []
    assert hours.minutes(instant("2026-03-02 10:00"), instant("2026-03-02 11:00")) is None
    assert hours.minutes_single(instant("2026-03-02 10:00"), instant("2026-03-02 11:00")) is None


def test_a_target_is_due_in_working_time(hours: Hours) -> None:
    hours.use(calendars=[office(closed=[day("2026-03-04")])])
    hours.refresh()
    monday = instant("2026-03-02 17:00")
    assert hours.due("office", monday, 30) == instant("2026-03-02 17:30")
    assert hours.due("office", monday, 31) == instant("2026-03-03 09:01")
    assert hours.due("office", monday, 30 + 510 + 1) == instant("2026-03-05 09:01")
    assert hours.due("office", instant("2026-03-07 03:00"), 1) == instant("2026-03-09 09:01")
    assert hours.due("office", monday, 0) == monday
    assert hours.due(None, monday, 90) == instant("2026-03-02 18:30")
    assert hours.due("office", monday, 10_000_000) is None
    assert hours.due("nobody", monday, 1) is None
