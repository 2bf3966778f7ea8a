"""Working time of whole tables, held against minutes read off the wall clock."""

from __future__ import annotations

import json
import time
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import NamedTuple

import holidays
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import clock
from core.home import Home
from core.opening_hours import Week
from enrich import working_time
from enrich.calendars import AHEAD_YEARS
from jobs.sample.hours import Opening
from store.reader import open_reader
from tests.enrich.hours_reference import is_open, minutes
from tests.enrich.hours_world import Hours, day, office

# The published example: two schedules, minutes since Sunday 00:00 UTC.
LONG = ((720, 1560), (2160, 3000), (3600, 4440), (5040, 5880), (6480, 7320), (7920, 8760), (9360, 10200))
SHORT = ((2340, 2910), (3780, 4350), (5220, 5790), (6660, 7230), (8100, 8670))
CREATED = datetime(2020, 9, 29, 17, 1, 38, tzinfo=UTC)
MOVED = datetime(2020, 9, 30, 19, 1, 25, tzinfo=UTC)
REPLIED = datetime(2020, 9, 30, 19, 1, 46, tzinfo=UTC)


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


# --- held against minutes read off the wall clock ---

spans = st.tuples(st.integers(0, 7 * 1440 - 1), st.integers(1, 1440)).map(lambda s: (s[0], s[0] + s[1]))
weeks = st.lists(spans, min_size=1, max_size=4).map(tuple)
zones = st.sampled_from(["UTC", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])
changes = [
    instant(f"{text} 00:00")
    for text in ("2026-03-08", "2026-03-29", "2026-04-05", "2026-10-04", "2026-10-25")
]
seconds = st.integers(0, 5 * 86_400)


class Story(NamedTuple):
    """Two schedules, and a conversation that moves between them."""

    weeks: tuple[Week, Week]
    zones: tuple[str, str]
    closed: frozenset[int]  # days after the first
    begin: datetime
    moves: tuple[int, ...]  # seconds after the beginning, in order
    moments: tuple[int, ...]

    def at(self, second: int) -> datetime:
        return self.begin + timedelta(seconds=second)

    def days_off(self) -> frozenset[date]:
        return frozenset(self.begin.date() + timedelta(days=n) for n in self.closed)

    def is_open(self, number: int, moment: datetime) -> bool:
        return is_open(moment, self.zones[number], self.weeks[number], self.days_off())

    def by_parts(self, start: datetime, end: datetime) -> float:
        """Minutes with each part by the schedule in force then: the first one until the first move."""
        edges = [
            datetime.min.replace(tzinfo=UTC),
            *map(self.at, self.moves),
            datetime.max.replace(tzinfo=UTC),
        ]
        total = 0.0
        for part, (since, until) in enumerate(pairwise(edges)):
            a, b = max(start, since), min(end, until)
            if a < b:
                total += minutes(a, b, partial(self.is_open, part % 2))
        return total


stories = st.builds(
    Story,
    st.tuples(weeks, weeks),
    st.tuples(zones, zones),
    st.frozensets(st.integers(0, 5), max_size=2),
    st.sampled_from(changes).map(lambda day: day - timedelta(days=2)),
    st.lists(seconds, max_size=3, unique=True).map(sorted).map(tuple),
    st.lists(seconds, min_size=2, max_size=5, unique=True).map(sorted).map(tuple),
)


def tell(hours: Hours, story: Story) -> None:
    for table in ("schedules", "conversations", "conversation_events", "settings_kv"):
        hours.writer.execute(f"DELETE FROM {table}")
    closed = [(one, one) for one in story.days_off()]
    for number in (0, 1):
        hours.schedule(str(number), story.weeks[number], story.zones[number], closed=closed)
    hours.rows("conversations", {"conversation_id": "c", "created_at": story.begin})
    for place, second in enumerate(story.moves, 1):
        hours.move("c", story.at(second), str(place % 2), str((place - 1) % 2))
    hours.refresh()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=stories)
def test_tables_and_minutes_agree_and_parts_add_up(hours: Hours, story: Story) -> None:
    tell(hours, story)
    moments = [story.at(second) for second in story.moments]
    parts = [hours.minutes(a, b) for a, b in pairwise(moments)]
    assert parts == pytest.approx([story.by_parts(a, b) for a, b in pairwise(moments)], abs=1e-6)
    assert hours.minutes(moments[0], moments[-1]) == pytest.approx(sum(parts), abs=1e-6)
    in_force = sum(second <= story.moments[-1] for second in story.moves) % 2
    whole = minutes(moments[0], moments[-1], partial(story.is_open, in_force))
    assert hours.minutes_single(moments[0], moments[-1]) == pytest.approx(whole, abs=1e-6)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=stories, needed=st.integers(1, 3_000))
def test_a_target_is_due_at_the_first_instant_that_reaches_it(
    hours: Hours, story: Story, needed: int
) -> None:
    tell(hours, story)
    start = story.at(story.moments[0])
    found = hours.due("s/0", start, needed)
    if found is None:  # a minute or two a week: calendars end after three years
        last = datetime(clock.now().year + AHEAD_YEARS, 12, 30, tzinfo=UTC)
        left = hours.minutes_in("s/0", start, last)
        assert left is not None and left < needed
        return
    assert hours.minutes_in("s/0", start, found) == pytest.approx(needed, abs=1e-6)
    assert hours.minutes_in("s/0", start, found - timedelta(seconds=1)) == pytest.approx(
        needed - 1 / 60, abs=1e-6
    )


def test_every_row_is_answered_and_a_moment_once(hours: Hours) -> None:
    hours.use(calendars=[office()])
    hours.rows("conversations", {"conversation_id": "c", "created_at": instant("2026-03-02 08:00")})
    hours.refresh()
    noon = instant("2026-03-02 12:00")
    working_time.worked(
        hours.writer, hours.asked(conversation_id=["c", "c", "x", "c"], moment=[noon, noon, noon, None])
    )
    rows = hours.writer.query(
        "SELECT conversation_id, worked_us IS NULL AS unknown FROM batch_worked ORDER BY 1"
    )
    assert rows.to_pylist() == [
        {"conversation_id": "c", "unknown": False},
        {"conversation_id": "x", "unknown": True},
    ]
    table = hours.asked(
        id=[1, 1, 2, 3, 4, 5], calendar=["office", "office", None, "office", "office", None],
        start_at=[noon, noon, noon, None, noon, noon], needed_us=[60_000_000, 60_000_000, 1, 1, None, 2**62],
    )  # fmt: skip
    working_time.due(hours.writer, table)
    found = hours.writer.query("SELECT id, due_at FROM batch_due ORDER BY id, due_at").to_pylist()
    later = noon + timedelta(minutes=1)
    assert [row["due_at"] for row in found] == [
        later,
        later,
        noon + timedelta(microseconds=1),
        None,
        None,
        None,
    ]


def test_working_time_is_the_same_in_every_zone_of_the_machine(
    hours: Hours, monkeypatch: pytest.MonkeyPatch
) -> None:
    hours.use(calendars=[office()])
    hours.rows("conversations", {"conversation_id": "c", "created_at": instant("2026-03-02 08:00")})
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        hours.refresh()
        assert hours.minutes(instant("2026-03-02 08:00"), instant("2026-03-02 10:00")) == 60
        assert hours.due("office", instant("2026-03-02 08:00"), 60) == instant("2026-03-02 10:00")
    finally:
        monkeypatch.undo()
        time.tzset()


# --- the sample workspace ---


def test_the_sample_workspace_counts_office_hours(sample_home: Home, now: datetime) -> None:
    """Against the arithmetic by which the sample itself was made."""
    truth = json.loads((sample_home.sample / "truth.json").read_text())
    change = date.fromisoformat(truth["hours_change"])
    start = date(2023, 1, 1)
    closed = holidays.country_holidays("GB", subdiv="ENG", years=range(2023, 2028))

    def rule(day: date) -> tuple[float, float] | None:
        if day in closed or day.weekday() == 6 or (day.weekday() == 5 and day < change):
            return None
        return (10, 16) if day.weekday() == 5 else (8.5, 18) if day >= change else (9, 17.5)

    opening = Opening.of(start, 1500, rule)
    reader = open_reader(sample_home)
    with reader.cursor() as cursor:
        rows = cursor.execute("""
            SELECT epoch_us(created_at) // 1000000 AS created, epoch_us(first_reply_at) // 1000000 AS replied,
              first_reply_business_s AS told
            FROM conversation_facts WHERE first_reply_at IS NOT NULL
            AND epoch_us(created_at) % 1000000 = 0 AND epoch_us(first_reply_at) % 1000000 = 0""").fetchnumpy()
        calendars = cursor.execute("SELECT calendar, is_usable FROM calendars").fetchall()
    assert calendars == [("office", True)]
    created, replied, told = (np.asarray(column) for column in rows.values())
    expected = opening.until(replied) - opening.until(created)
    assert len(told) > 300
    assert np.array_equal(np.asarray(told, dtype=np.int64), expected)
    assert (expected > 0).any() and (expected == 0).any()
