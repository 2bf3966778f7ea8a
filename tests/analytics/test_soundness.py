"""Whether data looks whole: a lost source is named, and a quiet day is not taken for one."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from analytics import soundness
from core.settings import Settings

LAST = date(2026, 11, 15)  # a Sunday; the data reaches its end


class Rows:
    """Conversations a day and source, as the reader would give them."""

    def __init__(self, days: dict[str, dict[date, int]]) -> None:
        self.days = days

    def query(self, sql: str, values: list, *, viewer: object) -> Rows:
        self.sql, self.values = sql, values
        return self

    def to_pylist(self) -> list[dict]:
        every = [(source, day, n) for source, days in self.days.items() for day, n in days.items()]
        if "min(" in self.sql:
            return [{"source_id": s, "day": min(days)} for s, days in self.days.items() if days]
        if self.values:
            first, until = self.values
            return [{"source_id": s, "day": d, "n": n} for s, d, n in every
                    if first <= datetime.combine(d, time()) < until]  # fmt: skip
        return [{"source_id": s, "n": sum(days.values())} for s, days in self.days.items()]


def steady(weekday: int = 40, weekend: int = 40, weeks: int = 12) -> dict[date, int]:
    days = (LAST - timedelta(days=back) for back in range(7 * weeks))
    return {day: weekend if day.isoweekday() > 5 else weekday for day in days}


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch):
    def found(
        days: dict[str, dict[date, int]], before: dict[str, int] | None = None, **settings
    ) -> tuple[str, ...]:
        sources = [{"name": name, "kind": "files", "path": "."} for name in (*days, "other")]
        monkeypatch.setattr(
            soundness.periods, "known_until", lambda *_: datetime.combine(LAST + timedelta(1), time())
        )
        return soundness.faults(Rows(days), Settings.model_validate({"sources": sources, **settings}), before)

    return found


def test_a_steady_source_is_whole(faults) -> None:
    assert faults({"desk": steady()}, {"desk": sum(steady().values())}) == ()


@pytest.mark.parametrize(("left", "is_broken"), [(0, True), (3, True), (4, False), (12, False)])
def test_a_day_that_lost_nine_of_ten_is_named(faults, left: int, is_broken: bool) -> None:
    days = steady() | {LAST: left}
    told = f"desk has {left} new conversations on Sun 15 Nov, where 40 are usual"
    assert faults({"desk": days, "mail": steady()}) == ((told,) if is_broken else ())


def test_the_day_before_counts_too_and_the_third_does_not(faults) -> None:
    assert faults({"desk": steady() | {LAST - timedelta(days=1): 0}}) != ()
    assert faults({"desk": steady() | {LAST - timedelta(days=2): 0}}) == ()


def test_sundays_are_held_against_sundays(faults) -> None:
    quiet = steady(weekday=400, weekend=0)
    assert faults({"desk": quiet}) == ()
    assert faults({"desk": quiet | {LAST: 2}}) == ()


def test_few_are_not_judged_and_nor_is_a_young_source(faults) -> None:
    assert faults({"desk": steady(19, 19) | {LAST: 0}}) == ()
    assert faults({"desk": steady(weeks=4) | {LAST: 0}}) == ()
    assert faults({"desk": steady(weeks=6) | {LAST: 0}}) != ()


def test_a_public_holiday_and_a_day_off_are_no_loss(faults) -> None:
    days = {"desk": steady() | {LAST: 0}}
    hours = {"name": "all", "zone": "UTC", "hours": {"mon-sun": "00:00-24:00"}}
    assert faults(days, calendars=[{**hours, "closed": [LAST.isoformat()]}]) == ()
    assert faults(days, calendars=[{**hours, "closed": ["2026-11-09"]}]) != ()


@pytest.mark.parametrize(
    ("before", "is_broken"), [(3360, False), (3700, False), (3734, True), (10_000, True)]
)
def test_a_source_that_lost_a_tenth_is_named(faults, before: int, is_broken: bool) -> None:
    told = f"desk has 3,360 conversations, after {before:,} when this was last sent"
    assert faults({"desk": steady()}, {"desk": before}) == ((told,) if is_broken else ())


def test_a_small_loss_and_a_source_that_was_taken_out_are_none(faults) -> None:
    assert faults({"desk": steady()}, {"desk": 3360, "other": 19}) == ()
    assert faults({"desk": steady()}, {"desk": 3360, "other": 20}) != ()
    assert faults({"desk": steady()}, {"desk": 3360, "gone": 5000}) == ()
