"""The shape of a series: nothing where nothing is, what was planted where it was planted, and no exception ever."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analytics.trends.shape import Shape, shape_of
from analytics.trends.tidy import LEAST_DAYS, ready
from bench.changes import SERIES, WEEK, Made, shapes, told

DAYS = np.arange(182)
ONES = np.ones(182)


def shape(values: Any, kind: str = "count") -> Shape:
    return shape_of(ready(np.asarray(values, dtype=float), np.ones(len(values)), kind))


def test_a_line_has_the_slope_of_plain_least_squares() -> None:
    rng = np.random.default_rng(3)
    values = 20 + 0.1 * DAYS + rng.standard_normal(182)
    found = shape(values)
    assert found.has_line and not found.steps
    assert found.slope == pytest.approx(np.polyfit(DAYS, values, 1)[0], abs=0.003)
    assert found.slope_low < 0.1 < found.slope_high
    assert found.level == pytest.approx(20 + 0.1 * 181, abs=0.6)


def test_weekdays_are_neither_a_trend_nor_a_step_and_a_day_of_the_level_is_the_usual_one() -> None:
    week = WEEK[DAYS % 7] * 30
    found = shape(week + np.random.default_rng(1).standard_normal(182))
    assert not found.has_line and not found.steps
    assert found.level == pytest.approx(30, abs=0.5)


def test_two_steps_are_found_where_they_are() -> None:
    level = np.where(DAYS < 60, 20, np.where(DAYS < 120, 30, 24)) * WEEK[DAYS % 7]
    found = shape(np.random.default_rng(5).poisson(level))
    assert [step.place for step in found.steps] == pytest.approx([60, 120], abs=4)
    assert all(step.first <= step.place <= step.last for step in found.steps)
    assert (found.steps[0].before, found.steps[0].after) == pytest.approx((20, 30), rel=0.1)
    assert found.level == pytest.approx(24, rel=0.1)


def test_one_wild_day_is_no_change() -> None:
    values = np.random.default_rng(2).poisson(20, 182)
    values[100] = 400
    assert not shape(values).steps and not shape(values).has_line


def test_ten_times_the_numbers_have_ten_times_the_trend() -> None:
    values = np.random.default_rng(4).poisson(20 + 0.1 * DAYS)
    one, ten = shape(values, "ratio"), shape(values * 10, "ratio")
    assert (ten.slope, ten.level) == pytest.approx((10 * one.slope, 10 * one.level))
    assert ten.has_line == one.has_line and ten.chance == pytest.approx(one.chance)


@pytest.mark.parametrize("kind", ["count", "ratio", "duration"])
@pytest.mark.parametrize(
    "values",
    [
        np.zeros(60), np.full(60, 5.0), np.full(60, np.nan), np.array([3.0]), np.array([]),
        np.r_[np.full(30, np.nan), np.full(30, np.inf)], np.r_[np.full(59, -1.0), 4.0],
        np.r_[np.zeros(59), 1.0], np.tile([0, 0, 0, 0, 0, 0, 9.0], 12), np.r_[np.zeros(30), np.full(30, 9.0)],
    ],
)  # fmt: skip
def test_whatever_the_values_are_there_is_a_result_or_too_few_days(values: Any, kind: str) -> None:
    tidy = ready(values, np.ones(len(values)), kind)
    if len(tidy.at) >= LEAST_DAYS:
        found = shape_of(tidy)
        assert np.isfinite([found.level, found.slope, found.slope_low, found.slope_high, found.chance]).all()


def test_few_of_some_unchanged_series_are_told_to_have_changed() -> None:
    assert told(Made(91), 40)[0] <= 5  # about one in twenty: of forty, six have a chance of 1.4 %


def test_slopes_lie_in_their_intervals_when_days_go_together() -> None:
    inside = [one.slope_low <= 0 <= one.slope_high for _, one, _ in shapes(Made(91, wave=0.6), 40)]
    assert sum(inside) >= 34


@pytest.mark.slow
@pytest.mark.parametrize(
    "made",
    [Made(28), Made(91), Made(182), Made(365), Made(mean=2), Made(kind="ratio"), Made(kind="duration")],
)
def test_of_two_hundred_unchanged_series_about_one_in_twenty_is_told(made: Made) -> None:
    assert told(made)[0] <= 0.05 * SERIES + 6  # two standard deviations


@pytest.mark.slow
def test_what_was_planted_is_found() -> None:
    assert told(Made(slope=0.3))[0] >= 0.9 * SERIES
    changed, _, steps, off = told(Made(step=0.3))
    assert changed >= 0.95 * SERIES and steps >= 0.85 * SERIES and off <= 3
