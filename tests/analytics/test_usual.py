"""The usual range: worked out by hand, guarded against chance, small numbers and short histories."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from analytics.result import Row
from analytics.usual import usual

MONDAY = date(2026, 9, 7)


def weeks(*values: float, n: int = 100) -> list[Row]:
    return [Row(MONDAY + timedelta(weeks=i), (), value, n) for i, value in enumerate(values)]


EIGHT = weeks(100, 110, 90, 105, 95, 100, 120, 80)


def test_the_range_is_worked_out_by_hand() -> None:
    """Median 100; deviations 0 10 10 5 5 0 20 20, in the middle 7.5; of 3 x 1.4826 x 7.5 = 33.4 and 3 x 10 the larger."""
    found = usual(weeks(140)[0], EIGHT, "count")
    assert found is not None and (found.low, found.high, found.weeks, found.side) == (67, 133, 8, 1)
    assert found.distance == pytest.approx(40 / (3 * 1.4826 * 7.5))


@pytest.mark.parametrize(("value", "side"), [(66, -1), (67, 0), (133, 0), (134, 1)])
def test_the_ends_are_within(value: float, side: int) -> None:
    found = usual(weeks(value)[0], EIGHT, "count")
    assert found is not None and found.side == side


def test_one_odd_week_does_not_widen_it() -> None:
    calm = usual(weeks(140)[0], EIGHT, "count")
    odd = usual(weeks(140)[0], [*EIGHT[:-1], replace(EIGHT[-1], value=900.0)], "count")
    assert calm is not None and odd is not None and odd.side == 1 and odd.high < calm.high + 20


@pytest.mark.parametrize(
    ("unit", "middle", "inside", "outside"),
    [("count", 100.0, 130.0, 131.0), ("share", 0.2, 0.31, 0.34), ("seconds", 3600.0, 3900.0, 4100.0)],
)
def test_steady_weeks_leave_room_for_chance(unit: str, middle: float, inside: float, outside: float) -> None:
    """A deviation of 0 says that there was no other week, and not that there cannot be one."""
    for value, side in ((inside, 0), (outside, 1)):
        found = usual(weeks(value)[0], weeks(*[middle] * 8), unit)
        assert found is not None and found.side == side


def test_only_the_last_eight_count() -> None:
    found = usual(weeks(100)[0], [*weeks(5000, 5000, 5000, 5000), *EIGHT], "count")
    assert found is not None and (found.weeks, found.high) == (8, 133)


def test_too_little_history_and_too_few_say_nothing() -> None:
    now = weeks(140)[0]
    assert usual(now, EIGHT[:3], "count") is None and usual(now, EIGHT[:4], "count") is not None
    cut = [*EIGHT[:3], *(replace(row, partial=True) for row in EIGHT[3:])]
    assert usual(now, cut, "count") is None
    assert usual(replace(now, partial=True), EIGHT, "count") is None
    assert usual(replace(now, immature=True), EIGHT, "count") is None
    assert usual(weeks(9)[0], weeks(*[2] * 8), "count") is None
    assert usual(weeks(10)[0], weeks(*[2] * 8), "count") is not None
    assert usual(weeks(0.9, n=9)[0], weeks(*[0.2] * 8), "share") is None
    assert usual(weeks(0)[0], EIGHT, "count") is not None, "silence where there was much is worth a word"


def test_what_is_written_like_the_end_is_within() -> None:
    found = usual(weeks(0.324)[0], weeks(*[0.2] * 8), "share")
    assert found is not None and 0.32 < found.high < 0.324 and found.side == 0
