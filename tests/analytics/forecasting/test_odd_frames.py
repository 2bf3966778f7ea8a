"""Indexes, calendars and durations as others bring them: a forecast or a sentence, never another error."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analytics.forecasting import forecast_panel
from analytics.forecasting.beside import Opened, Told
from core.errors import InputError

DAYS = pd.date_range("2025-01-01", periods=180)
HOURS = pd.date_range(
    "2026-03-16", periods=24 * 21, freq="h", tz="Europe/Berlin"
)  # the clock changes on the 29th


def counts(index: pd.Index = DAYS, mean: float = 20.0) -> pd.DataFrame:
    """Independent counts, one series."""
    return pd.DataFrame({"a": np.random.default_rng(4).poisson(mean, len(index)).astype(float)}, index=index)


@pytest.mark.parametrize("told", [lambda hours: hours.astype(str), lambda hours: hours.astype(object)])
def test_hours_with_offsets_that_differ_are_those_of_the_wall(told: Any) -> None:
    frame = counts(HOURS)
    plain = forecast_panel(frame.set_axis(HOURS.tz_localize(None)), 24, freq="h")
    other = forecast_panel(frame.set_axis(told(HOURS)), 24, freq="h")
    pd.testing.assert_frame_equal(other.point, plain.point, check_freq=False)


def test_periods_are_the_times_at_which_they_begin() -> None:
    weeks = pd.date_range("2024-01-01", periods=60, freq="W-MON")
    plain = forecast_panel(counts(weeks), 4, freq="W")
    other = forecast_panel(counts(weeks.to_period("W-SUN")), 4, freq="W")
    pd.testing.assert_frame_equal(other.point, plain.point, check_freq=False)


def test_a_time_that_nobody_can_count_to_is_none() -> None:
    frame = counts(pd.DatetimeIndex([*DAYS[:-1].as_unit("us"), pd.Timestamp("9999-12-31").as_unit("us")]))
    forecast = forecast_panel(frame, 7, freq="D")
    pd.testing.assert_frame_equal(forecast.point, forecast_panel(frame.iloc[:-1], 7, freq="D").point)
    assert "1 rows without a time" in " ".join(forecast.explain())


def test_a_mistyped_year_is_left_out_and_not_all_the_others() -> None:
    frame = counts(HOURS.tz_localize(None)[:400])
    wrong = pd.concat([frame, frame.iloc[:1].set_axis([pd.Timestamp("2099-01-01")])])
    forecast = forecast_panel(wrong, 24, freq="h")
    pd.testing.assert_frame_equal(forecast.point, forecast_panel(frame, 24, freq="h").point)
    assert "1 rows of far other times were left out" in " ".join(forecast.explain())


def test_a_member_from_outside_is_not_asked_about_a_single_day() -> None:
    def focus(opened: Opened) -> Told:
        raise AssertionError(opened)

    forecast = forecast_panel(counts(DAYS[:1]), 7, freq="D", focus=focus)
    assert forecast.point.shape == (7, 1)


@pytest.mark.parametrize(
    "shaped",
    [
        lambda days: {pd.Timestamp(day): name for day, name in days.items()},
        lambda days: {str(day): name for day, name in days.items()},
        lambda days: pd.Series(days),
        lambda days: pd.DatetimeIndex(list(days)),
    ],
)
def test_days_of_a_calendar_in_any_shape_are_that_calendar(shaped: Any) -> None:
    frame = counts()
    quiet = [date(2025, 2, 5), date(2025, 3, 12), date(2025, 4, 16), date(2025, 5, 21), date(2025, 7, 2)]
    frame.loc[pd.DatetimeIndex(quiet[:-1])] = 2.0
    days = dict.fromkeys(quiet, "Quiet Day")
    plain, known = (forecast_panel(frame, 7, freq="D", calendar=one).point for one in (None, days))
    assert known.loc["2025-07-02", "a"] < 0.6 * plain.loc["2025-07-02", "a"]
    pd.testing.assert_frame_equal(forecast_panel(frame, 7, freq="D", calendar=shaped(days)).point, known)


def test_the_calendar_of_the_holidays_library_grows_by_the_years_it_is_asked_for() -> None:
    import holidays

    frame = counts(pd.date_range("2024-01-01", "2025-12-20"))
    plain, known = (
        forecast_panel(frame, 7, freq="D", calendar=one).point
        for one in (None, holidays.country_holidays("GB"))
    )
    assert known.loc["2025-12-25", "a"] != plain.loc["2025-12-25", "a"]


@pytest.mark.parametrize("wrong", ["GB", {"Christmas": "2025-12-25"}, 7])
def test_what_is_no_calendar_is_refused_with_words(wrong: Any) -> None:
    with pytest.raises(InputError, match="calendar"):
        forecast_panel(counts(), 7, freq="D", calendar=wrong)


def test_a_calendar_beside_hours_is_said_not_to_be_used() -> None:
    forecast = forecast_panel(counts(HOURS), 24, freq="h", calendar={date(2026, 4, 6): "Easter Monday"})
    assert "only forecasts of days use it" in " ".join(forecast.explain())


def test_one_wild_duration_is_not_repeated() -> None:
    random = np.random.default_rng(6)
    frame = pd.DataFrame({"a": np.exp(random.normal(8, 0.2, 180))}, index=DAYS)
    plain = forecast_panel(frame, 7, freq="D", kind="duration")
    frame.iloc[-10] *= 200
    wild = forecast_panel(frame, 7, freq="D", kind="duration")
    assert wild.point.to_numpy() == pytest.approx(plain.point.to_numpy(), rel=0.05)
    assert "1 single extreme value was not learnt from" in " ".join(wild.explain("a"))
    assert wild.point["a"].max() < 3 * frame["a"].median()


def test_durations_of_nothing_are_said_to_be_missing() -> None:
    frame = pd.DataFrame({"a": np.where(np.arange(180) % 3 == 0, 0.0, 60.0)}, index=DAYS)
    assert "60 durations of 0 count as missing" in " ".join(
        forecast_panel(frame, 7, freq="D", kind="duration").explain("a")
    )


def test_what_a_past_test_said_does_not_change_with_what_came_after_it() -> None:
    """Also where the last cycle is taken because nothing beat it: of a random walk, which it is best for."""
    weeks = pd.date_range("2022-01-02", periods=150, freq="W")
    walk = 500 + np.cumsum(np.random.default_rng(3).normal(0, 10, (150, 12)), axis=0)
    frame = pd.DataFrame(np.maximum(walk, 1.0), index=weeks)
    other = frame.copy()
    other.iloc[-8:] = 900.0
    once, again = (forecast_panel(one, 4, freq="W") for one in (frame, other))
    over = sum(len(frame) - 4 - once.step * back <= len(frame) - 8 for back in range(len(once.said)))
    assert 0 < over < len(once.said)
    np.testing.assert_array_equal(once.said[:over], again.said[:over])
